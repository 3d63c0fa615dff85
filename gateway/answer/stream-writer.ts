/**
 * An answer that goes out in pieces. Pieces of one tick leave in one write; a full socket is felt by the caller as an
 * unfinished `ready()`. The head waits for the first piece, so that an error before it still gets its true status; a
 * client that waits longer than `PING_EVERY_MS` gets the head and a comment instead.
 */
import type { ServerResponse } from 'node:http'
import type { Clock } from '../../core/run/clock.ts'
import { MAX_PENDING_CHARS, PING_EVERY_MS, STALLED_READER_MS } from '../request/limits.ts'
import { signOfLife } from './client-signal.ts'

export interface StreamWriterComponents {
  readonly response: ServerResponse
  readonly clock: Clock
}

export interface StreamWriterInit {
  /** Headers of the answer, asked for when the head is written: by then more is known. */
  readonly headers: () => Record<string, string>
  /**
   * What to send when there is nothing to say. @default '' : nothing is sent, and the head waits for the first piece
   */
  readonly ping?: string
}

export class StreamWriter {
  readonly #response: ServerResponse
  readonly #clock: Clock
  readonly #init: StreamWriterInit
  #pending = ''
  #scheduled = false
  #quiet = true
  #cancelPing: (() => void) | undefined

  constructor(components: StreamWriterComponents, init: StreamWriterInit) {
    this.#response = components.response
    this.#clock = components.clock
    this.#init = init
    const { ping } = init
    if (ping === undefined) return
    this.#armPing()
    signOfLife(this.#response, () => this.write(ping))
  }

  /** Whether the head has gone out: from then on errors are part of the stream. */
  get begun(): boolean {
    return this.#response.headersSent || this.#pending !== ''
  }

  /** Whether the client has left: the writing should stop. */
  get gone(): boolean {
    return this.#response.destroyed
  }

  /** Adds a piece. What is added within one tick is written at its end. Afterwards await `ready()` when it is there. */
  write(piece: string): void {
    this.#quiet = false
    this.#pending += piece
    if (this.#pending.length >= MAX_PENDING_CHARS) {
      this.#flush()
    } else if (!this.#scheduled) {
      this.#scheduled = true
      process.nextTick(this.#onTick)
    }
  }

  /** Adds bytes, behind what was added before; they leave at once. Afterwards await `ready()` when it is there. */
  writeBytes(bytes: Uint8Array): void {
    this.#quiet = false
    this.#flush()
    if (this.gone || this.#response.writableEnded) return
    this.#head()
    this.#response.write(bytes)
  }

  /** Undefined when the socket takes more; else a promise of that. It also resolves when the client is gone. */
  ready(): Promise<void> | undefined {
    // Asked of the response each time: the socket may have drained while there was no listener.
    if (!this.#response.writableNeedDrain || this.gone) return undefined
    return this.#drained()
  }

  /** Writes the rest and ends the answer. */
  end(piece = ''): void {
    this.release()
    if (this.gone || this.#response.writableEnded) return
    this.#head()
    this.#response.end(this.#pending + piece)
    this.#pending = ''
  }

  /** Leaves no timer behind. Always call it. */
  release(): void {
    this.#cancelPing?.()
    this.#cancelPing = undefined
  }

  readonly #onTick = (): void => {
    this.#scheduled = false
    this.#flush()
  }

  #flush(): void {
    const text = this.#pending
    this.#pending = ''
    if (text === '' || this.gone || this.#response.writableEnded) return
    this.#head()
    this.#response.write(text)
  }

  #head(): void {
    if (!this.#response.headersSent) this.#response.writeHead(200, this.#init.headers())
  }

  async #drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    // A reader that never comes back would hold a worker for ever.
    const cancel = this.#clock.after(STALLED_READER_MS, () => {
      this.#response.destroy()
    })
    this.#response.once('drain', resolve)
    this.#response.once('close', resolve)
    await promise
    cancel()
    this.#response.off('drain', resolve)
    this.#response.off('close', resolve)
  }

  #armPing(): void {
    this.#cancelPing = this.#clock.after(PING_EVERY_MS, () => {
      if (this.#quiet && !this.#response.writableNeedDrain) this.write(this.#init.ping ?? '')
      this.#quiet = true
      this.#armPing()
    })
  }
}
