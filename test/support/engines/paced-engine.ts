/**
 * A simulated engine as a process, for many streams at once: an OpenAI-compatible server that says numbered tokens at a
 * pace, which the prompt tells it: `stream=17 tokens=100 pace=100`. Token 42 of stream 17 is ` 17.42`, so that each that
 * is lost, comes twice, or comes to another stream shows. Prints one line of JSON when it listens.
 */
import '../../../core/node20-shim.ts'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { text } from 'node:stream/consumers'

const MODEL = 'paced'
/** Longest queue of connections that the kernel keeps: a thousand come at once. */
const BACKLOG = 4_096

interface Wanted {
  readonly stream: number
  readonly tokens: number
  /** Milliseconds between tokens. */
  readonly pace: number
}

function wantedBy(body: string): Wanted {
  const number = (name: string): number => Number(new RegExp(`${name}=(\\d+)`).exec(body)?.[1] ?? 0)
  return { stream: number('stream'), tokens: number('tokens'), pace: number('pace') }
}

function answer(response: ServerResponse, { stream, tokens, pace }: Wanted, isText: boolean): void {
  const chunk = (said: string, finish: string | null): string => {
    const choice = isText ? { text: said } : { delta: { content: said } }
    const choices = [{ index: 0, ...choice, finish_reason: finish }]
    return `data: ${JSON.stringify({ id: 'c', object: 'chunk', created: 1, model: MODEL, choices })}\n\n`
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const began = performance.now()
  let sent = 0
  const next = (): void => {
    if (response.destroyed) return
    if (sent === tokens) {
      response.end(`${chunk('', 'stop')}data: [DONE]\n\n`)
      return
    }
    response.write(chunk(` ${stream}.${sent}`, null))
    sent += 1
    // By the clock of the whole answer: an engine that was late does not stay so.
    setTimeout(next, Math.max(0, began + sent * pace - performance.now()))
  }
  next()
}

const server = createServer({ keepAliveTimeout: 120_000, requestTimeout: 0 }, (request, response) => {
  if (request.method === 'POST') {
    text(request).then(
      (body) => answer(response, wantedBy(body), request.url === '/v1/completions'),
      () => response.destroy(),
    )
    return
  }
  const listed = request.url === '/v1/models'
  response.writeHead(listed ? 200 : 404, { 'content-type': 'application/json' })
  response.end(JSON.stringify(listed ? { object: 'list', data: [{ id: MODEL, object: 'model', created: 0 }] } : {}))
})
server.listen(0, '127.0.0.1', BACKLOG, () => {
  const { port } = server.address() as AddressInfo
  console.log(JSON.stringify({ event: 'ready', url: `http://127.0.0.1:${port}` }))
})
process.stdin.once('end', () => process.exit(0)).resume()
