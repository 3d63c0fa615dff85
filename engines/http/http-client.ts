/**
 * HTTP to one engine, kept narrow on purpose: one origin, no redirects, no decompression. One kind of failure is mended
 * here: a connection that was kept and had died meanwhile.
 */

import type { Client, Dispatcher } from 'undici'
import { defined } from '../../core/defined.ts'
import type { TraceContext } from '../../core/query/trace-context.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { Connections } from './connections.ts'
import type { EngineAccess } from './engine-access.ts'
import { parseEngineJson } from './engine-json.ts'
import { garbage, sanitizeEngineText, statusError } from './http-errors.ts'
import { HttpExchange, type ReplyHead, type Wire } from './http-exchange.ts'

/** An engine on the same host or network that has not accepted a connection by then is not there. */
export const CONNECT_TIMEOUT_MS = 2_000

/** Largest streamed reply: half a million token lines of 250 bytes, which no context window reaches. */
export const MAX_STREAM_BYTES = 128 * 1024 * 1024

/** Largest JSON reply unless the caller says otherwise: model lists and embeddings stay far below. */
export const MAX_JSON_BYTES = 16 * 1024 * 1024

/** Error bodies are read this far. */
const MAX_ERROR_BYTES = 64 * 1024

export interface HttpClientInit {
  /** Kind of the engine, for error texts. */
  readonly engine: string
  /** Base URL without credentials; a path in it is kept in front of every request's path. */
  readonly url: string
  /** Sent with every request. @default nothing */
  readonly access?: EngineAccess
  /** Sent with every request, such as an authorization. */
  readonly headers?: Readonly<Record<string, string>>
  /** @default 2000 */
  readonly connectTimeoutMs?: number
}

export interface EngineRequest {
  readonly path: string
  /** @default 'POST' with a body, 'GET' without */
  readonly method?: 'GET' | 'POST' | 'DELETE'
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is; needs a content-type among `headers`. */
  readonly raw?: Buffer
  readonly headers?: Readonly<Record<string, string>>
  /** Of the query that is sent, as the two headers of W3C. */
  readonly trace?: TraceContext | undefined
  /**
   * Whether the engine may get it twice: it is then sent by any connection, and once more by a fresh one when that had
   * died. Otherwise it is sent by a fresh one.
   * @default true for GET, false for others
   */
  readonly repeatable?: boolean
  /**
   * Sent by a connection of its own that serves nothing else: for engines that close it after the reply without a word.
   */
  readonly alone?: boolean
}

export interface SendOptions {
  readonly signal: CancelSignal
  /** Bytes of reply that are accepted. */
  readonly maxBytes?: number
  /** Milliseconds until the head of the reply must be there. @default no limit: a prompt may be read for minutes */
  readonly headWithinMs?: number | undefined
}

export class HttpClient {
  readonly engine: string
  readonly #connections: Connections
  readonly #prefix: string
  readonly #search: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #jsonHeaders: Readonly<Record<string, string>>

  constructor(init: HttpClientInit) {
    const url = new URL(init.url)
    this.engine = init.engine
    this.#prefix = url.pathname.replace(/\/+$/, '')
    this.#search = init.access?.search ?? ''
    this.#headers = { accept: '*/*', 'accept-encoding': 'identity', ...init.access?.headers, ...init.headers }
    this.#jsonHeaders = { ...this.#headers, 'content-type': 'application/json' }
    // Time-outs are the worker's: a model may load for minutes before its first byte.
    this.#connections = new Connections(url.origin, {
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: init.connectTimeoutMs ?? CONNECT_TIMEOUT_MS },
    })
  }

  /** Sends and gives the open reply, whatever its status. */
  send(request: EngineRequest, { signal, maxBytes }: SendOptions): HttpExchange {
    const body = request.json === undefined ? request.raw : JSON.stringify(request.json)
    const headers = request.json === undefined ? this.#headers : this.#jsonHeaders
    const { trace } = request
    const more = trace === undefined ? request.headers : { ...request.headers, ...traceHeaders(trace) }
    const method = request.method ?? (body === undefined ? 'GET' : 'POST')
    const alone = request.alone === true
    const wire = this.#wire(
      {
        path: this.#pathOf(request.path),
        method,
        headers: more === undefined ? headers : { ...headers, ...more },
        body: body ?? null,
        reset: alone,
      },
      { fresh: alone || !(request.repeatable ?? method === 'GET'), alone },
    )
    return new HttpExchange({ signal, wire }, { engine: this.engine, maxBytes: maxBytes ?? MAX_STREAM_BYTES })
  }

  /** Sends and resolves with the reply when its status is a success; otherwise throws what the status means. */
  async open(request: EngineRequest, options: SendOptions): Promise<HttpExchange> {
    const exchange = this.send(request, options)
    const { status, headers } = await this.#headOf(exchange, options.headWithinMs)
    if (status >= 200 && status < 300) return this.#plain(exchange, headers)
    throw statusError(this.engine, status, headers, await this.#errorBody(exchange))
  }

  /** Sends and reads a JSON reply. */
  async json(request: EngineRequest, { signal, maxBytes = MAX_JSON_BYTES }: SendOptions): Promise<unknown> {
    return this.jsonOf(await this.open(request, { signal, maxBytes }))
  }

  /** Reads an open reply as JSON. */
  async jsonOf(exchange: HttpExchange): Promise<unknown> {
    const text = (await exchange.readAll()).toString('utf8')
    try {
      return parseEngineJson(text)
    } catch (cause) {
      throw garbage(this.engine, 'something that is not JSON', cause)
    }
  }

  /** Sends and reads the reply as text. */
  async text(request: EngineRequest, options: SendOptions): Promise<string> {
    return (await this.bytes(request, options)).toString('utf8')
  }

  /** Sends and reads the reply's bytes. */
  async bytes(request: EngineRequest, { signal, maxBytes = MAX_JSON_BYTES }: SendOptions): Promise<Buffer> {
    const exchange = await this.open(request, { signal, maxBytes })
    return exchange.readAll()
  }

  /** Ends every connection at once. */
  async close(): Promise<void> {
    await this.#connections.destroy()
  }

  #pathOf(path: string): string {
    if (this.#search === '') return this.#prefix + path
    return `${this.#prefix}${path}${path.includes('?') ? '&' : '?'}${this.#search}`
  }

  /** How one request reaches the engine, and what becomes of the connection after it. */
  #wire(request: Dispatcher.DispatchOptions, { fresh, alone }: { fresh: boolean; alone: boolean }): Wire {
    const connections = this.#connections
    let client: Client | undefined
    return {
      dispatch: (handler, again) => {
        if (client !== undefined) connections.drop(client)
        const lease = connections.take({ fresh: fresh || again })
        client = lease.client
        client.dispatch(request, handler)
        return lease.used
      },
      release: (whole) => {
        if (client === undefined) return
        if (whole && !alone) connections.giveBack(client)
        else connections.drop(client)
      },
    }
  }

  async #headOf(exchange: HttpExchange, withinMs: number | undefined): Promise<ReplyHead> {
    if (withinMs === undefined) return exchange.head()
    const late = new RealmeshError('TIMEOUT', `${this.engine} did not answer within ${withinMs} ms`)
    const timer = setTimeout(() => exchange.cancel(late), withinMs)
    try {
      return await exchange.head()
    } finally {
      clearTimeout(timer)
    }
  }

  /** Replies are read as they are; a packed one would look like no answer at all. */
  #plain(exchange: HttpExchange, headers: ReplyHead['headers']): HttpExchange {
    const packed = headers['content-encoding'] ?? 'identity'
    if (packed === '' || packed === 'identity') return exchange
    const error = garbage(this.engine, `a reply packed as ${sanitizeEngineText(packed)}, which was not asked for`)
    exchange.cancel(error)
    throw error
  }

  async #errorBody(exchange: HttpExchange): Promise<unknown> {
    const parts: Buffer[] = []
    let size = 0
    for (let part = await exchange.read(); part !== undefined; part = await exchange.read()) {
      parts.push(part)
      size += part.length
      if (size > MAX_ERROR_BYTES) {
        exchange.cancel()
        break
      }
    }
    const text = Buffer.concat(parts).toString('utf8')
    try {
      return JSON.parse(text)
    } catch {
      return text // plain text errors are common: proxies, llama.cpp while loading
    }
  }
}

function traceHeaders({ parent, state }: TraceContext): Readonly<Record<string, string>> {
  return { traceparent: parent, ...defined({ tracestate: state }) }
}
