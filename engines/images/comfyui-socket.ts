/** ComfyUI's WebSocket: what it says about one client's jobs, to be pulled. */

import { WebSocket } from 'ws'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { PullQueue } from '../../core/run/pull-queue.ts'
import type { EngineAccess } from '../http/engine-access.ts'
import { CONNECT_TIMEOUT_MS } from '../http/http-client.ts'
import { abortError, connectionError } from '../http/http-errors.ts'
import { asObject, asString, type JsonObject } from '../http/json-shape.ts'
import { imageTypeOf } from './image-bytes.ts'

/** Largest frame: previews are thumbnails. */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024

/** Messages that may wait for the reader; the oldest previews are of no use. */
const MAX_MESSAGES = 256

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
  readonly access: EngineAccess
  readonly clientId: string
}

export class ComfySocket {
  readonly #engine: string
  readonly #signal: CancelSignal
  readonly #socket: WebSocket
  readonly #open = Promise.withResolvers<void>()
  readonly #messages = new PullQueue<ComfyMessage>()

  constructor(components: { readonly signal: CancelSignal }, { engine, url, access, clientId }: ComfySocketInit) {
    this.#engine = engine
    this.#signal = components.signal
    this.#open.promise.catch(() => {}) // `opened` gives it to its caller
    // No Origin is sent: ComfyUI refuses one that differs from its own address.
    const search = access.search === '' ? '' : `&${access.search}`
    this.#socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws?clientId=${clientId}${search}`, {
      headers: access.headers,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      handshakeTimeout: CONNECT_TIMEOUT_MS,
    })
    this.#socket.once('open', () => this.#open.resolve())
    this.#socket.on('message', (data: Buffer, isBinary: boolean) => this.#onMessage(data, isBinary))
    this.#socket.on('error', (error) => this.#end(connectionError(engine, error, this.#socket.readyState > 0)))
    this.#socket.on('close', () => {
      this.#end(new RealmeshError('ENGINE_FAILED', `${engine} closed the connection in the middle of its answer`))
    })
    if (this.#signal.aborted) this.#onAbort()
    else this.#signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Resolves when the engine listens to us. */
  opened(): Promise<void> {
    return this.#open.promise
  }

  /** The next message. Throws when the connection ends or the query is cancelled. */
  async next(): Promise<ComfyMessage> {
    const message = await this.#messages.next()
    if (message === undefined) throw new TypeError('a socket has no end without a reason')
    return message
  }

  close(): void {
    this.#end(new RealmeshError('CANCELLED', 'the query was cancelled'))
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    const message = isBinary ? previewOf(data) : eventOf(data)
    if (message === undefined) return
    if (this.#messages.size >= MAX_MESSAGES && !this.#messages.drop(({ type }) => type === 'preview')) {
      this.#end(new RealmeshError('ENGINE_GARBAGE', `${this.#engine} sent a flood of messages`))
      return
    }
    this.#messages.push(message)
  }

  readonly #onAbort = (): void => {
    const error = abortError(this.#signal)
    this.#messages.fail(error)
    this.#end(error)
  }

  /** The first reason is the one that is told, behind the messages that came before it. */
  #end(error: RealmeshError): void {
    this.#open.reject(error)
    this.#messages.end(error)
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#socket.terminate()
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
