/** Between the requests and responses of Node and those of the web, which the protocol's library speaks. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { StreamWriter } from '../answer/stream-writer.ts'

/** By which a client that has left is told from one that only waits. */
export const MCP_PING = ': ping\n\n'

/** What the library reads; keys are none of its business. */
const HEADERS_READ = /^(?:accept|content-type|last-event-id|mcp-[a-z0-9-]+)$/

/** An address must be whole; which one it is, the door has looked at, and the library does not. */
const HERE = 'http://localhost'

/** The request without its body, which was parsed. It aborts when the client goes away. */
export function webRequest({ headers, url, method }: FastifyRequest, gone: CancelSignal): Request {
  const read = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    if (HEADERS_READ.test(name) && value !== undefined) read.set(name, String(value))
  }
  const abort = new AbortController()
  if (gone.aborted) abort.abort(gone.reason)
  else gone.addEventListener('abort', () => abort.abort(gone.reason), { once: true })
  return new Request(HERE + url, { method, headers: read, signal: abort.signal })
}

/** Writes the response as it comes. */
export async function sendWebResponse(reply: FastifyReply, response: Response, clock: Clock): Promise<FastifyReply> {
  const { status, headers, body } = response
  if (body === null || headers.get('content-type')?.startsWith('text/event-stream') !== true) {
    return reply
      .code(status)
      .headers(Object.fromEntries(headers))
      .send(await response.text())
  }
  const writer = new StreamWriter(
    { response: reply.raw, clock },
    { headers: () => ({ ...Object.fromEntries(headers), 'x-accel-buffering': 'no' }), ping: MCP_PING },
  )
  try {
    for await (const bytes of body) {
      writer.writeBytes(bytes)
      const ready = writer.ready()
      if (ready !== undefined) await ready
      if (writer.gone) break // which cancels the body
    }
    writer.end()
  } finally {
    writer.release()
  }
  return reply.hijack()
}
