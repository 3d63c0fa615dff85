/**
 * What the serving node says about its part of an answer, and its signature over that. The answer's hash is folded up
 * while the answer streams by; nothing of the answer is kept.
 */
import { hash } from 'node:crypto'
import type { PublicKey } from '@libp2p/interface'
import type { EndEvent, QueryEvent, StartEvent } from '../../core/query/query-event.ts'
import type { RouteReceipt, ServedPart } from '../../core/query/receipt.ts'
import { AnswerHash } from './answer-hash.ts'
import type { Signer } from './ed25519-signer.ts'

/** What is hashed and what is signed begin with these, so that neither can ever be taken for something else. */
const PART_DOMAIN = 'realmesh-served-part/1'
const LIST_DOMAIN = Buffer.from('realmesh-served-parts/1')

const SIGNATURE_BYTES = 64
const DIGEST_BYTES = 32

/**
 * Parts under one signature. An eighth of a signature costs less than the rest of a part; each more would lengthen
 * all of them.
 */
export const MAX_SIGNED_TOGETHER = 8

/** A part, and the query that it belongs to. */
export interface PartOfQuery {
  readonly id: string
  readonly part: ServedPart
}

/**
 * Signs up to `MAX_SIGNED_TOGETHER` parts at once: the signature is over the list of their digests and travels with
 * that list, as base64. A digest tells nothing to anyone who does not know the query's id and its answer.
 */
export function signServedParts(parts: readonly PartOfQuery[], signer: Signer): readonly ServedPart[] {
  const digests = Buffer.concat(parts.map(({ id, part }) => digestOf(id, part)))
  const signed = signer.sign(Buffer.concat([LIST_DOMAIN, digests]))
  const signature = Buffer.concat([signed, digests]).toString('base64')
  return parts.map(({ part }) => ({ ...part, signature }))
}

/**
 * The receipt with this node's own parts signed. It happens when the receipt is read: most are never read, and a
 * signature costs as much as the routing.
 */
export function signOwnParts(receipt: RouteReceipt, node: string, signer: Signer): RouteReceipt {
  const attempts = receipt.attempts.map((attempt) => {
    const { served } = attempt
    if (served === undefined || served.node !== node || served.signature !== undefined) return attempt
    const [signed = served] = signServedParts([{ id: receipt.id, part: served }], signer)
    return { ...attempt, served: signed }
  })
  return { ...receipt, attempts }
}

/** Whether the part was signed by `key` for this query, unchanged. */
export async function verifyServedPart(id: string, part: ServedPart, key: PublicKey): Promise<boolean> {
  if (part.signature === undefined) return false
  const bytes = Buffer.from(part.signature, 'base64')
  const [signed, digests] = [bytes.subarray(0, SIGNATURE_BYTES), bytes.subarray(SIGNATURE_BYTES)]
  if (digests.length > MAX_SIGNED_TOGETHER * DIGEST_BYTES || !holds(digests, digestOf(id, part))) return false
  return await key.verify(Buffer.concat([LIST_DOMAIN, digests]), signed)
}

function digestOf(id: string, part: ServedPart): Buffer {
  const { node, worker, engine, model, answerHash, promptTokens, completionTokens, waitedMs } = part
  const fields = [PART_DOMAIN, id, node, worker, engine, model, answerHash, promptTokens, completionTokens, waitedMs]
  return hash('sha256', JSON.stringify(fields), 'buffer')
}

function holds(digests: Buffer, digest: Buffer): boolean {
  for (let at = 0; at < digests.length; at += DIGEST_BYTES) {
    if (digests.subarray(at, at + DIGEST_BYTES).equals(digest)) return true
  }
  return false
}

/** Passes the events of one run on own workers, and adds the served part, unsigned, to its end. */
export function addServedPart(now: () => number): (event: QueryEvent) => QueryEvent {
  const acceptedAt = now()
  const hash = new AnswerHash()
  let start: StartEvent | undefined
  let waitedMs = 0
  return (event) => {
    if (event.kind === 'end') {
      // The new field first: a copy has no room for one more, and to make room costs ten times the copy.
      return start === undefined ? event : { served: servedPart(start, event, hash.digest(), waitedMs), ...event }
    }
    if (event.kind === 'start') {
      start = event
      waitedMs = now() - acceptedAt
    }
    hash.add(event)
    return event
  }
}

function servedPart(start: StartEvent, end: EndEvent, answerHash: string, waitedMs: number): ServedPart {
  return {
    node: start.node,
    worker: start.worker,
    engine: start.engine,
    model: start.model,
    answerHash,
    promptTokens: end.usage?.promptTokens ?? 0,
    completionTokens: end.usage?.completionTokens ?? 0,
    waitedMs: Math.round(waitedMs),
  }
}
