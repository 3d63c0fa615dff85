/**
 * One HTTP request to an engine and its reply, on undici's lowest path: a dispatch handler that keeps what arrives
 * between two reads and stops the socket when the reader is slow. Reading is by pull, a batch at a time, so the cost is
 * per wake-up, not per token.
 */

import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { PullQueue } from '../../core/run/pull-queue.ts'
import { codeOf } from '../../core/thrown.ts'
import { abortError, connectionError, garbage } from './http-errors.ts'

/** Bytes that may wait for the reader before the socket is paused: a few hundred token lines. */
const HIGH_WATER_BYTES = 64 * 1024

/**
 * How long the rest of a reply may take after its end mark was read, before the connection is given up instead of
 * reused.
 */
const REST_OF_REPLY_MS = 1_000

export interface ReplyHead {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

/** How an exchange reaches the engine. */
export interface Wire {
  /**
   * Sends the request, `again`: by a connection that has served nothing yet. Says whether the connection has served
   * before.
   */
  dispatch(handler: Dispatcher.DispatchHandler, again: boolean): boolean
  /** The exchange is over; `whole`: its reply was read to the end. */
  release(whole: boolean): void
}

/** Codes of a connection that was closed under a request. */
const CONNECTION_GONE: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

export interface ExchangeInit {
  /** Kind of the engine, for error texts. */
  readonly engine: string
  /** Bytes of body after which the reply is refused as garbage. */
  readonly maxBytes: number
}

export class HttpExchange implements Dispatcher.DispatchHandler {
  readonly #signal: CancelSignal
  readonly #wire: Wire
  readonly #init: ExchangeInit
  readonly #head = Promise.withResolvers<ReplyHead>()
  readonly #chunks = new PullQueue<Buffer>()
  /** Whether the connection may have died before the request was sent. */
  #mayBeStale = false
  #controller: Dispatcher.DispatchController | undefined
  #begun = false
  #waitingBytes = 0
  #receivedBytes = 0
  #draining = false
  #cancelDrain = (): void => {}
  /** The reply was read to its end, or there will be none. */
  #over = false

  /** Sends at once, unless the signal is aborted already. */
  constructor(components: { readonly signal: CancelSignal; readonly wire: Wire }, init: ExchangeInit) {
    this.#signal = components.signal
    this.#wire = components.wire
    this.#init = init
    this.#head.promise.catch(() => {}) // `head` gives it to its caller
    if (this.#signal.aborted) {
      this.#onAbort()
      return
    }
    this.#signal.addEventListener('abort', this.#onAbort, { once: true })
    this.#mayBeStale = this.#wire.dispatch(this, false)
  }

  /** The status line and headers, as soon as they are there. */
  head(): Promise<ReplyHead> {
    return this.#head.promise
  }

  /**
   * All that arrived since the last read, or waits for more. `undefined` at the end of the body. One reader at a time.
   */
  async read(): Promise<Buffer | undefined> {
    for (;;) {
      const chunks = this.#chunks.takeAll()
      if (chunks.length > 0) return this.#batch(chunks)
      if (this.#chunks.ended) return undefined
      await this.#chunks.wait()
    }
  }

  /** The whole body. */
  async readAll(): Promise<Buffer> {
    const parts: Buffer[] = []
    for (let part = await this.read(); part !== undefined; part = await this.read()) parts.push(part)
    return joined(parts)
  }

  /** The reader has seen the end mark: lets the reply finish so that the connection can be reused, but not for long. */
  finish(): void {
    if (this.#over) return
    this.#draining = true
    this.#controller?.resume()
    const timer = setTimeout(() => this.cancel(), REST_OF_REPLY_MS)
    timer.unref()
    this.#cancelDrain = () => clearTimeout(timer)
  }

  /**
   * Closes the connection at once unless the reply has already ended; the reader gets `reason`. For most engines this
   * stops the work.
   */
  cancel(reason = new RealmeshError('CANCELLED', 'the query was cancelled')): void {
    this.#fail(reason)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#chunks.error !== undefined) controller.abort(this.#chunks.error)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return
    this.#begun = true
    this.#head.resolve({ status, headers })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#receivedBytes += chunk.length
    if (this.#receivedBytes > this.#init.maxBytes) {
      this.#fail(garbage(this.#init.engine, `more than ${this.#init.maxBytes} bytes`))
      return
    }
    if (this.#draining) return
    this.#waitingBytes += chunk.length
    if (this.#waitingBytes > HIGH_WATER_BYTES) controller.pause()
    this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    this.#chunks.end()
    this.#release(true)
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#over) return
    if (this.#mayBeStale && !this.#begun && CONNECTION_GONE.has(codeOf(error))) {
      this.#mayBeStale = this.#wire.dispatch(this, true)
      return
    }
    const failure = connectionError(this.#init.engine, error, this.#begun)
    this.#head.reject(failure)
    this.#chunks.end(failure) // what came before it is still read
    this.#release(false)
  }

  readonly #onAbort = (): void => {
    this.#fail(abortError(this.#signal))
  }

  #fail(error: RealmeshError): void {
    if (this.#over) return
    this.#over = true
    this.#head.reject(error)
    this.#chunks.fail(error)
    this.#controller?.abort(error)
    this.#release(false)
  }

  #batch(chunks: readonly Buffer[]): Buffer {
    this.#waitingBytes = 0
    this.#controller?.resume()
    return joined(chunks)
  }

  #release(whole: boolean): void {
    this.#over = true
    this.#cancelDrain()
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#wire.release(whole)
  }
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
}
