/**
 * The machine under every stub engine: an HTTP server with slots, pauses, failures, awkward writes and a journal. A
 * kind adds its routes. `GET /__journal` shows the journal, `POST /__knobs` changes knobs while it runs, `POST
 * /__release` lets paused queries go on.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as pause, setImmediate as tick } from 'node:timers/promises'
import { StubJournal } from './stub-journal.ts'
import { DEFAULT_KNOBS, readKnobs, type StubKnobs } from './stub-knobs.ts'

export interface StubRequest {
  readonly method: string
  /** Path without the query string. */
  readonly path: string
  readonly search: URLSearchParams
  readonly body: Record<string, unknown>
  readonly headers: IncomingMessage['headers']
}

export type StubRoute = (request: StubRequest, response: ServerResponse, stub: StubServer) => void | Promise<void>

/** `METHOD /path` to what answers there. */
export type StubRoutes = Readonly<Record<string, StubRoute>>

export class StubServer {
  readonly journal = new StubJournal()
  readonly server: Server
  knobs: StubKnobs
  #url = ''
  #running = 0
  #queries = 0
  #failures = 0
  #loaded = new Set<string>()
  #slotWaiters: (() => void)[] = []
  #released = Promise.withResolvers<void>()
  #loadingReplies = 0
  readonly #sockets = new Set<Socket>()
  /** Connections that were hung up and on which nothing is heard any more, though the client may not know yet. */
  readonly #deaf = new WeakSet<Socket>()

  constructor(routes: StubRoutes, knobs: Partial<StubKnobs> = {}) {
    this.knobs = { ...DEFAULT_KNOBS, ...knobs }
    const all = { ...routes, ...this.#controlRoutes() }
    this.server = createServer((request, response) => {
      this.#serve(all, request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined)
      })
    })
    this.server.on('connection', (socket) => {
      socket.setNoDelay(true)
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  get url(): string {
    return this.#url
  }

  /** Queries that run, and models in memory: what the kinds publish as load. */
  get running(): number {
    return this.#running
  }

  get queued(): number {
    return this.#slotWaiters.length
  }

  get loaded(): readonly string[] {
    return [...this.#loaded]
  }

  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject)
      this.server.listen(port, '127.0.0.1', resolve)
    })
    this.#url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
    return this
  }

  /** Ends every connection at once, as a rig that loses power. */
  async stop(): Promise<void> {
    this.release()
    for (const socket of this.#sockets) socket.destroy()
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve))
  }

  /** Lets paused queries go on; later ones pause again. */
  release(): void {
    this.#released.resolve()
    this.#released = Promise.withResolvers<void>()
  }

  /** Waits until a paused query may go on or its client has gone. */
  async paused(gone: Promise<void>): Promise<void> {
    await Promise.race([this.#released.promise, gone])
  }

  /** Counts a query and says whether the failure that the knobs ask for is due for it. */
  nextQuery(): { number: number; fails: boolean } {
    this.#queries += 1
    const { fail, failCount } = this.knobs
    const fails = fail !== 'none' && (failCount === 0 || this.#failures < failCount)
    if (fails) this.#failures += 1
    return { number: this.#queries, fails }
  }

  /** Takes a slot, in the order of arrival; the returned function gives it back. */
  async takeSlot(): Promise<() => void> {
    while (this.#running >= this.knobs.slots) {
      await new Promise<void>((resolve) => {
        this.#slotWaiters.push(resolve)
      })
    }
    this.#running += 1
    return () => {
      this.#running -= 1
      this.#slotWaiters.shift()?.()
    }
  }

  /** Brings a model into memory; the first time it takes `loadMs`. */
  async loadModel(model: string, query: number): Promise<void> {
    if (this.#loaded.has(model)) return
    if (this.knobs.loadMs > 0) await pause(this.knobs.loadMs)
    this.#loaded.add(model)
    this.journal.write({ event: 'load', query, model })
  }

  /** Whether the stub still loads; each call counts as one reply. */
  get loading(): boolean {
    const { loadingReplies } = this.knobs
    if (loadingReplies >= 0 && this.#loadingReplies >= loadingReplies) return false
    this.#loadingReplies += 1
    return true
  }

  /** Closes the connection behind a reply that is written, without a word about it in its head. */
  hangUp(response: ServerResponse): void {
    const { socket } = response
    if (socket === null) return
    this.#deaf.add(socket)
    response.once('finish', () => setTimeout(() => socket.destroy(), this.knobs.finMs))
  }

  /** Takes all models out of memory. */
  unload(): void {
    this.#loaded.clear()
  }

  /** Writes a frame, whole or in small pieces that arrive one by one. */
  async write(response: ServerResponse, frame: string | Buffer): Promise<void> {
    const bytes = Buffer.isBuffer(frame) ? frame : Buffer.from(frame)
    const size = this.knobs.pieceBytes === 0 ? bytes.length : this.knobs.pieceBytes
    for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
      const flowing = response.write(bytes.subarray(at, at + size))
      if (this.knobs.pieceBytes > 0) await tick()
      if (!flowing && !response.destroyed) await drained(response)
    }
  }

  async #serve(routes: StubRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#deaf.has(request.socket)) return
    const url = new URL(request.url ?? '/', 'http://stub')
    const path = decodeURIComponent(url.pathname)
    const route = routes[`${request.method} ${path}`] ?? routes[`${request.method} *`]
    const body = await readBody(request)
    if (route === undefined || this.knobs.missing.includes(path)) {
      sendJson(response, 404, { error: 'Not Found' })
      return
    }
    const { method = 'GET', headers } = request
    await route({ method, path, search: url.searchParams, body, headers }, response, this)
  }

  #controlRoutes(): StubRoutes {
    return {
      'GET /__journal': (_request, response) => sendJson(response, 200, this.journal.entries),
      'POST /__knobs': ({ body }, response) => {
        this.knobs = { ...this.knobs, ...readKnobs(body) }
        sendJson(response, 200, this.knobs)
      },
      'POST /__release': (_request, response) => {
        this.release()
        sendJson(response, 200, {})
      },
    }
  }
}

/** Resolves when the client has gone before the response was finished. */
export function clientGone(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', () => {
      if (!response.writableFinished) resolve()
    })
  })
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

export function sendText(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  response.writeHead(status, { 'content-type': type })
  response.end(text)
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const text = Buffer.concat(parts).toString('utf8')
  if (text === '') return {}
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return { raw: text }
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off('drain', settle)
      response.off('close', settle)
      resolve()
    }
    response.once('drain', settle)
    response.once('close', settle)
  })
}
