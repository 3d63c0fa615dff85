/**
 * One HTTP request to an engine and its reply, on undici's lowest path: a dispatch handler that keeps what arrives between two reads
 * and stops the socket when the reader is slow. Reading is by pull, a batch at a time, so the cost is per wake-up, not per token.
 */

import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { codeOf } from '../../core/thrown.ts'
import { abortError, connectionError, garbage } from './http-errors.ts'

/** Bytes that may wait for the reader before the socket is paused: a few hundred token lines. */
const HIGH_WATER_BYTES = 64 * 1024

/** How long the rest of a reply may take after its end mark was read, before the connection is given up instead of reused. */
const DRAIN_MS = 1_000

export interface ReplyHead {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

/** How an exchange reaches the engine. */
export interface Wire {
  /** Sends the request, `again`: by a connection that has served nothing yet. Says whether the connection has served before. */
  dispatch(handler: Dispatcher.DispatchHandler, again: boolean): boolean
  /** The exchange is over; `whole`: its reply was read to the end. */
  release(whole: boolean): void
}

/** Codes of a connection that was closed under a request. */
const CLOSED: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

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
  /** Whether the connection may have died before the request was sent. */
  #mayBeStale = false
  #controller: Dispatcher.DispatchController | undefined
  #head: ReplyHead | undefined
  #chunks: Buffer[] = []
  #waitingBytes = 0
  #receivedBytes = 0
  #ended = false
  #draining = false
  #failure: RealmeshError | undefined
  #wake: (() => void) | undefined

  /** Sends at once, unless the signal is aborted already. */
  constructor(components: { readonly signal: CancelSignal; readonly wire: Wire }, init: ExchangeInit) {
    this.#signal = components.signal
    this.#wire = components.wire
    this.#init = init
    if (this.#signal.aborted) {
      this.#onAbort()
      return
    }
    this.#signal.addEventListener('abort', this.#onAbort, { once: true })
    this.#mayBeStale = this.#wire.dispatch(this, false)
  }

  /** The status line and headers, as soon as they are there. */
  async head(): Promise<ReplyHead> {
    while (this.#head === undefined) {
      if (this.#failure !== undefined) throw this.#failure
      await this.#change()
    }
    return this.#head
  }

  /** All that arrived since the last read, or waits for more. `undefined` at the end of the body. One reader at a time. */
  async read(): Promise<Buffer | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      if (this.#chunks.length > 0) return this.#take()
      if (this.#ended) return undefined
      await this.#change()
    }
  }

  /** The whole body. */
  async readAll(): Promise<Buffer> {
    const parts: Buffer[] = []
    for (let part = await this.read(); part !== undefined; part = await this.read()) parts.push(part)
    const [only] = parts
    return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts)
  }

  /** The reader has seen the end mark: lets the reply finish so that the connection can be reused, but not for long. */
  finish(): void {
    if (this.#ended || this.#failure !== undefined) return
    this.#draining = true
    this.#chunks = []
    this.#controller?.resume()
    const timer = setTimeout(() => this.cancel(), DRAIN_MS)
    timer.unref()
    this.#wake = () => {
      clearTimeout(timer)
    }
  }

  /** Closes the connection at once unless the reply has already ended; who reads gets `reason`. For most engines this stops the work. */
  cancel(reason = new RealmeshError('CANCELLED', 'the query was cancelled')): void {
    this.#fail(reason)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#failure !== undefined) controller.abort(this.#failure)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return
    this.#head = { status, headers }
    this.#notify()
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#receivedBytes += chunk.length
    if (this.#receivedBytes > this.#init.maxBytes) {
      this.#fail(garbage(this.#init.engine, `more than ${this.#init.maxBytes} bytes`))
      return
    }
    if (this.#draining) return
    this.#chunks.push(chunk)
    this.#waitingBytes += chunk.length
    if (this.#waitingBytes > HIGH_WATER_BYTES) controller.pause()
    this.#notify()
  }

  onResponseEnd(): void {
    this.#ended = true
    this.#release(true)
    this.#notify()
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#failure !== undefined) return
    if (this.#mayBeStale && this.#head === undefined && CLOSED.has(codeOf(error))) {
      this.#mayBeStale = this.#wire.dispatch(this, true)
      return
    }
    this.#failure = connectionError(this.#init.engine, error, this.#head !== undefined)
    this.#release(false)
    this.#notify()
  }

  readonly #onAbort = (): void => {
    this.#fail(abortError(this.#signal))
  }

  #fail(error: RealmeshError): void {
    if (this.#ended || this.#failure !== undefined) return
    this.#failure = error
    this.#chunks = []
    this.#controller?.abort(error)
    this.#release(false)
    this.#notify()
  }

  #take(): Buffer {
    const [only] = this.#chunks
    const batch = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks)
    this.#chunks = []
    this.#waitingBytes = 0
    this.#controller?.resume()
    return batch
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #notify(): void {
    const wake = this.#wake
    if (wake === undefined || (this.#draining && !this.#ended && this.#failure === undefined)) return
    this.#wake = undefined
    wake()
  }

  #release(whole: boolean): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#wire.release(whole)
  }
}
