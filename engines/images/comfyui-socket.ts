/** ComfyUI's WebSocket: what it says about one client's jobs, to be pulled. */

import { WebSocket } from 'ws'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { CONNECT_TIMEOUT_MS } from '../http/http-client.ts'
import { abortError, connectionError } from '../http/http-errors.ts'
import { asObject, asString, type JsonObject } from '../http/json-shape.ts'
import { imageTypeOf } from './image-bytes.ts'

/** Largest frame: previews are thumbnails. */
const MAX_FRAME_BYTES = 8 * 1024 * 1024

/** Messages that may wait for the reader; the oldest previews are of no use. */
const MAX_WAITING = 256

/** Binary frames start with their kind, and previews go on with a picture format: two big-endian 32-bit numbers. */
const PREVIEW_FRAME = 1
const PREVIEW_HEADER_BYTES = 8

export type ComfyMessage =
  | { readonly type: 'preview'; readonly mediaType: string; readonly image: Uint8Array }
  | { readonly type: 'event'; readonly event: string; readonly data: JsonObject }

export interface ComfySocketInit {
  readonly engine: string
  /** Base URL of the engine, `http:` or `https:`. */
  readonly url: string
  readonly clientId: string
}

export class ComfySocket {
  readonly #engine: string
  readonly #signal: CancelSignal
  readonly #socket: WebSocket
  #waiting: ComfyMessage[] = []
  #failure: RealmeshError | undefined
  #wake: (() => void) | undefined

  constructor(components: { readonly signal: CancelSignal }, { engine, url, clientId }: ComfySocketInit) {
    this.#engine = engine
    this.#signal = components.signal
    // No Origin is sent: ComfyUI refuses one that differs from its own address.
    this.#socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws?clientId=${clientId}`, {
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      handshakeTimeout: CONNECT_TIMEOUT_MS,
    })
    this.#socket.on('message', (data: Buffer, isBinary: boolean) => this.#onMessage(data, isBinary))
    this.#socket.on('error', (error) => this.#fail(connectionError(engine, error, this.#socket.readyState > 0)))
    this.#socket.on('close', () => {
      this.#fail(new RealmeshError('ENGINE_FAILED', `${engine} closed the connection in the middle of its answer`))
    })
    if (this.#signal.aborted) this.#onAbort()
    else this.#signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Resolves when the engine listens to us. */
  async opened(): Promise<void> {
    this.#socket.once('open', () => this.#notify())
    while (this.#socket.readyState === WebSocket.CONNECTING && this.#failure === undefined) await this.#change()
    if (this.#failure !== undefined) throw this.#failure
  }

  /** The next message. Throws when the connection ends or the query is cancelled. */
  async next(): Promise<ComfyMessage> {
    for (;;) {
      const message = this.#waiting.shift()
      if (message !== undefined) return message
      if (this.#failure !== undefined) throw this.#failure
      await this.#change()
    }
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#failure ??= new RealmeshError('CANCELLED', 'the query was cancelled')
    this.#socket.terminate()
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    const message = isBinary ? previewOf(data) : eventOf(data)
    if (message === undefined) return
    if (this.#waiting.length >= MAX_WAITING) {
      const oldest = this.#waiting.findIndex((each) => each.type === 'preview')
      if (oldest === -1) {
        this.#fail(new RealmeshError('ENGINE_GARBAGE', `${this.#engine} sent a flood of messages`))
        return
      }
      this.#waiting.splice(oldest, 1)
    }
    this.#waiting.push(message)
    this.#notify()
  }

  readonly #onAbort = (): void => {
    this.#waiting = []
    this.#fail(abortError(this.#signal))
  }

  #fail(error: RealmeshError): void {
    if (this.#failure === undefined) {
      this.#failure = error
      this.#signal.removeEventListener('abort', this.#onAbort)
      this.#socket.terminate()
    }
    this.#notify()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}

function previewOf(frame: Buffer): ComfyMessage | undefined {
  if (frame.length <= PREVIEW_HEADER_BYTES || frame.readUInt32BE(0) !== PREVIEW_FRAME) return undefined
  const image = frame.subarray(PREVIEW_HEADER_BYTES)
  const mediaType = imageTypeOf(image)
  return mediaType === undefined ? undefined : { type: 'preview', mediaType, image }
}

/** Texts that are no event (extensions send what they like) are skipped. */
function eventOf(text: Buffer): ComfyMessage | undefined {
  try {
    const message = asObject(JSON.parse(text.toString('utf8')))
    const event = asString(message?.['type'])
    return event === undefined ? undefined : { type: 'event', event, data: asObject(message?.['data']) ?? {} }
  } catch {
    return undefined
  }
}
