/**
 * The bytes of a body: bounded as they were sent and as they are after decoding, asked for only when they are wanted.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { BodyBudget, BodyShare } from './body-budget.ts'
import { assertKnownEncoding, decoded } from './content-encoding.ts'
import { tooLarge } from './errors.ts'
import { GatheredBytes } from './gathered-bytes.ts'
import { MAX_DRAINED_BYTES, MAX_REQUEST_BYTES } from './limits.ts'

/** Responses whose client waits for leave to send its body (`Expect: 100-continue`). */
const waiting = new WeakMap<IncomingMessage, ServerResponse>()

/** The share of each request in the memory for bodies. */
const shares = new WeakMap<IncomingMessage, BodyShare>()

/** From now on what is kept of the body is counted in `budget`, until `response` has ended. */
export function countBody(budget: BodyBudget, request: IncomingMessage, response: ServerResponse): void {
  shares.set(request, budget.shareOf(response))
}

/** Lets clients that ask wait until a handler wants the body: what is refused before is not sent at all. */
export function answerExpectations(server: Server): void {
  server.on('checkContinue', (request, response) => {
    waiting.set(request, response)
    server.emit('request', request, response)
  })
}

/**
 * The plain bytes of a body. Throws `PROMPT_TOO_LARGE`, with which nothing is held any more; 415 for an encoding that
 * is not known; 503 where all bodies together are too many; and `BAD_REQUEST` for a body that is not what its encoding
 * says or that breaks off. `maxBytes`: as it is sent and as it is decoded.
 */
export async function readBody(request: IncomingMessage, maxBytes = MAX_REQUEST_BYTES): Promise<Buffer> {
  const { 'content-length': length, 'content-encoding': encoding } = request.headers
  if (Number(length) > maxBytes) throw tooLarge(maxBytes)
  assertKnownEncoding(encoding)
  wantBody(request)
  const share = bodyShareOf(request)
  const bytes = await gather(request, share, maxBytes)
  const plain = await decoded(bytes, encoding, maxBytes)
  share.take(Math.max(0, plain.length - bytes.length))
  return plain
}

/** Lets a client that waits for leave send its body. */
export function wantBody(request: IncomingMessage): void {
  waiting.get(request)?.writeContinue()
  waiting.delete(request)
}

/** What is kept of the body is to be counted here, whichever part of the gateway reads it. */
export function bodyShareOf(request: IncomingMessage): BodyShare {
  return shares.get(request) ?? UNCOUNTED
}

/** A body outside of a gateway. */
const UNCOUNTED: BodyShare = { take: () => {}, give: () => {} }

/**
 * Reads the rest of a refused body and keeps nothing: many clients hear an answer only once they have sent all. Without
 * end it is cut.
 */
export function drainBody(request: IncomingMessage): void {
  if (request.complete || request.destroyed || waiting.has(request)) return
  let drained = 0
  request.on('data', (bytes: Buffer) => {
    drained += bytes.length
    if (drained > MAX_DRAINED_BYTES) request.destroy()
  })
  request.on('error', () => {}) // its answer is given
  request.resume()
}

function gather(request: IncomingMessage, share: BodyShare, maxBytes: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const gathered = new GatheredBytes()
  const refuse = (reason: unknown): void => {
    request.off('data', onData)
    gathered.clear()
    reject(reason)
  }
  const onData = (chunk: Buffer): void => {
    gathered.add(chunk)
    try {
      if (gathered.length > maxBytes) throw tooLarge(maxBytes)
      share.take(chunk.length)
    } catch (error) {
      refuse(error)
    }
  }
  request.on('data', onData)
  const onBreak = (cause?: Error): void => reject(new RealmeshError('BAD_REQUEST', 'the body breaks off', { cause }))
  const onClosed = (): void => onBreak()
  request.once('error', onBreak)
  request.once('close', onClosed)
  request.once('end', () => {
    // Every request closes in the end, and an error costs more than reading its body.
    request.off('close', onClosed)
    resolve(gathered.take())
  })
  return promise
}
