/**
 * A stand-in for an engine, run as a process: an OpenAI-compatible server that answers at once. Tokens per answer and
 * their pace are set per request, in the prompt, since that is what every gateway hands on: `tokens=8 pace=20 first=0`.
 */
import '../../core/node20-shim.ts'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { TOKEN } from '../load/load-plan.ts'

interface Wanted {
  readonly tokens: number
  /**
   * Milliseconds between tokens; 0 sends one per turn of the loop: as with an engine, each token is a write of its own.
   */
  readonly pace: number
  /** Milliseconds before the first. */
  readonly first: number
}

const MODEL = 'bench-model'
const VECTOR_MODEL = 'bench-embed'
const RANK_MODEL = 'bench-rerank'

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: MODEL,
    choices: [{ index: 0, delta, finish_reason: finish }],
  })}\n\n`

const textChunk = (text: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({
    id: 'cmpl-bench',
    object: 'text_completion',
    created: 1_700_000_000,
    model: MODEL,
    choices: [{ index: 0, text, finish_reason: finish }],
  })}\n\n`

/** The pieces of a streamed answer, by its path. */
interface Pieces {
  readonly first: string
  readonly piece: string
  readonly end: string
}

const DONE = 'data: [DONE]\n\n'
const CHAT: Pieces = {
  first: chunk({ role: 'assistant', content: '' }),
  piece: chunk({ content: TOKEN }),
  end: chunk({}, 'stop') + DONE,
}
const TEXT: Pieces = { first: '', piece: textChunk(TOKEN), end: textChunk('', 'stop') + DONE }

/** Numbers of a vector: as many as a small embedding model has. */
const DIMENSIONS = 384
const VECTORS = JSON.stringify({
  object: 'list',
  model: VECTOR_MODEL,
  data: [{ object: 'embedding', index: 0, embedding: Array.from({ length: DIMENSIONS }, (_, i) => i / DIMENSIONS) }],
  usage: { prompt_tokens: 8, total_tokens: 8 },
})

/** Of two documents. */
const RANKS = JSON.stringify({
  model: RANK_MODEL,
  results: [1, 0].map((index) => ({ index, relevance_score: (index + 1) / 4 })),
  usage: { prompt_tokens: 8, total_tokens: 8 },
})

function whole({ tokens }: Wanted): string {
  return JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: MODEL,
    choices: [{ index: 0, message: { role: 'assistant', content: TOKEN.repeat(tokens) }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 8, completion_tokens: tokens, total_tokens: tokens + 8 },
  })
}

function wantedBy(body: string): Wanted {
  const number = (name: string): number => Number(new RegExp(`${name}=(\\d+)`).exec(body)?.[1] ?? 0)
  return { tokens: number('tokens'), pace: number('pace'), first: number('first') }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request)
  if (request.url === '/v1/embeddings') {
    sendJson(response, VECTORS)
    return
  }
  if (request.url === '/v1/rerank') {
    sendJson(response, RANKS)
    return
  }
  const pieces = request.url === '/v1/completions' ? TEXT : CHAT
  const wanted = wantedBy(body)
  const streamed = /"stream":\s*true/.test(body)
  const begin = (): void => {
    if (streamed) stream(response, wanted, pieces)
    else sendJson(response, whole(wanted))
  }
  const wait = streamed ? wanted.first : wanted.first + wanted.pace * wanted.tokens
  if (wait > 0) setTimeout(begin, wait)
  else begin()
}

function stream(response: ServerResponse, { tokens, pace }: Wanted, { first, piece, end }: Pieces): void {
  let sent = 0
  let timer: NodeJS.Timeout | undefined
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  const next = (): void => {
    if (response.destroyed) return
    if (sent === tokens) {
      response.end(end)
      return
    }
    sent += 1
    response.write(piece)
    if (pace === 0) setImmediate(next)
    else timer = setTimeout(next, pace)
  }
  response.once('close', () => clearTimeout(timer))
  if (first !== '') response.write(first)
  next()
}

function sendJson(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
}

const MODELS = JSON.stringify({
  object: 'list',
  data: [MODEL, VECTOR_MODEL, RANK_MODEL].map((id) => ({ id, object: 'model', created: 0, owned_by: 'bench' })),
})

const server = createServer({ keepAliveTimeout: 120_000, requestTimeout: 0 }, (request, response) => {
  if (request.method === 'POST') {
    answer(request, response).catch(() => response.destroy())
  } else if (request.url === '/v1/models') {
    sendJson(response, MODELS)
  } else {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"not found"}}')
  }
})
server.listen(0, '127.0.0.1', 4096, () => {
  const { port } = server.address() as AddressInfo
  console.log(JSON.stringify({ event: 'ready', http: `http://127.0.0.1:${port}` }))
})
process.on('SIGTERM', () => process.exit(0))
