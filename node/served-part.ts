/**
 * What the serving node says about its part of an answer, and its signature over that. The answer's hash is folded up while the answer
 * streams by; nothing of the answer is kept.
 */
import { createHash } from 'node:crypto'
import type { PublicKey } from '@libp2p/interface'
import type { EndEvent, QueryEvent, StartEvent } from '../core/query-event.ts'
import type { RouteReceipt, ServedPart } from '../core/receipt.ts'
import type { RunQuery } from '../core/run-query.ts'
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

/** Wraps a run on own workers so that its end carries the served part, unsigned. */
export function withServedPart(run: RunQuery, now: () => number): RunQuery {
  return async function* (query, options) {
    const acceptedAt = now()
    const hash = createHash('sha256')
    let start: StartEvent | undefined
    let waitedMs = 0
    for await (const event of run(query, options)) {
      if (event.kind === 'start') {
        start = event
        waitedMs = now() - acceptedAt
      }
      if (event.kind !== 'end') {
        hashInto(hash, event)
        yield event
      } else
        yield start === undefined ? event : { ...event, served: servedPart(start, event, hash.digest('hex'), waitedMs) }
    }
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

function hashInto(hash: ReturnType<typeof createHash>, event: QueryEvent): void {
  if (event.kind === 'text' || event.kind === 'reasoning') hash.update(event.text)
  else if (event.kind === 'toolCall') hash.update(event.arguments)
  else if (event.kind === 'image') hash.update(event.data)
  else if (event.kind === 'embedding') {
    hash.update(new Uint8Array(event.vector.buffer, event.vector.byteOffset, event.vector.byteLength))
  }
}
