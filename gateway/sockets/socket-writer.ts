/** Writes frames no faster than they are read: a client that reads nothing stops the query, then its connection. */
import type { WebSocket } from 'ws'
import type { Clock } from '../../core/run/clock.ts'
import { STALLED_READER_MS } from '../request/limits.ts'

/** Bytes that may wait to be read before no more are made. */
export const MAX_UNREAD_BYTES = 256 * 1024

export interface SocketWriterComponents {
  readonly socket: WebSocket
  readonly clock: Pick<Clock, 'after'>
}

export class SocketWriter {
  readonly #socket: WebSocket
  readonly #clock: Pick<Clock, 'after'>
  #written: Promise<void> = Promise.resolve()

  constructor({ socket, clock }: SocketWriterComponents) {
    this.#socket = socket
    this.#clock = clock
  }

  write(frames: readonly string[]): void {
    if (this.#socket.readyState !== this.#socket.OPEN || frames.length === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    frames.forEach((frame, at) => {
      if (at < frames.length - 1) this.#socket.send(frame)
      else this.#socket.send(frame, () => resolve())
    })
    this.#written = promise
  }

  /** Undefined when more may be written; else a promise of that. It also resolves when the client is gone. */
  ready(): Promise<void> | undefined {
    if (this.#socket.bufferedAmount <= MAX_UNREAD_BYTES) return undefined
    const cancel = this.#clock.after(STALLED_READER_MS, () => this.#socket.terminate())
    return this.#written.finally(cancel)
  }
}
