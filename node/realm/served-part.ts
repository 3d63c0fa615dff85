/**
 * What the serving node says about its part of an answer, and its signature over that. The answer's hash is folded up while the answer
 * streams by; nothing of the answer is kept.
 */
import type { PublicKey } from '@libp2p/interface'
import type { EndEvent, QueryEvent, StartEvent } from '../../core/query/query-event.ts'
import type { RouteReceipt, ServedPart } from '../../core/query/receipt.ts'
import { AnswerHash } from './answer-hash.ts'
import type { Signer } from './ed25519-signer.ts'

/** What a signature is made over begins with this, so that it can never be taken for a signature of something else. */
const DOMAIN = 'realmesh-served-part/1'

/** Signs a served part: base64 over the query id and every field. */
export function signServedPart(id: string, part: ServedPart, signer: Signer): ServedPart {
  return { ...part, signature: Buffer.from(signer.sign(statement(id, part))).toString('base64') }
}

/**
 * The receipt with this node's own parts signed. It happens when somebody reads the receipt: most are never read, and a signature costs
 * as much as the routing.
 */
export function signOwnParts(receipt: RouteReceipt, node: string, signer: Signer): RouteReceipt {
  const attempts = receipt.attempts.map((attempt) => {
    const { served } = attempt
    if (served === undefined || served.node !== node || served.signature !== undefined) return attempt
    return { ...attempt, served: signServedPart(receipt.id, served, signer) }
  })
  return { ...receipt, attempts }
}

/** Whether the part was signed by `key` for this query, unchanged. */
export async function verifyServedPart(id: string, part: ServedPart, key: PublicKey): Promise<boolean> {
  if (part.signature === undefined) return false
  return await key.verify(statement(id, part), Buffer.from(part.signature, 'base64'))
}

function statement(id: string, part: ServedPart): Uint8Array {
  const { node, worker, engine, model, answerHash, promptTokens, completionTokens, waitedMs } = part
  const fields = [DOMAIN, id, node, worker, engine, model, answerHash, promptTokens, completionTokens, waitedMs]
  return Buffer.from(JSON.stringify(fields))
}

/** Passes the events of one run on own workers, and adds the served part, unsigned, to its end. */
export function addServedPart(now: () => number): (event: QueryEvent) => QueryEvent {
  const acceptedAt = now()
  const hash = new AnswerHash()
  let start: StartEvent | undefined
  let waitedMs = 0
  return (event) => {
    if (event.kind === 'end') {
      return start === undefined ? event : { ...event, served: servedPart(start, event, hash.digest(), waitedMs) }
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
