/**
 * What one socket is told. All that its client has not read is counted with the bodies of requests; one that reads
 * nothing for two minutes, or is far behind, is cut.
 */
import type { WebSocket } from 'ws'
import type { Clock } from '../../core/run/clock.ts'
import type { BodyShare } from '../request/body-budget.ts'
import { STALLED_READER_MS } from '../request/limits.ts'

/** Bytes that may wait to be read before no more are made. */
export const MAX_UNREAD_BYTES = 256 * 1024

/** Bytes that may wait to be read at most: the largest picture that an engine draws, as base64, and one behind it. */
export const MAX_BEHIND_BYTES = 64 * 1024 * 1024

export interface OutboxComponents {
  readonly socket: WebSocket
  readonly clock: Pick<Clock, 'after'>
  readonly share: BodyShare
}

export class Outbox {
  readonly #to: OutboxComponents
  #drained: PromiseWithResolvers<void> | undefined
  #cancelStall: (() => void) | undefined
  /** The latest message that the next of its kind replaces. */
  #passing = ''

  constructor(components: OutboxComponents) {
    this.#to = components
    components.socket.once('close', () => this.#caughtUp())
  }

  /**
   * `passing`: one of the kind that a later one replaces. It is not said twice in a row, and not to a client that is
   * behind: the next one says more.
   */
  send(frame: string, passing = false): void {
    const { socket, share } = this.#to
    if (socket.readyState !== socket.OPEN) return
    const behind = socket.bufferedAmount
    if (passing) {
      if (frame === this.#passing || behind > MAX_UNREAD_BYTES) return
      this.#passing = frame
    }
    if (behind > MAX_BEHIND_BYTES || !this.#hold(frame.length)) {
      socket.terminate()
      return
    }
    socket.send(frame, () => {
      share.give(frame.length)
      if (socket.bufferedAmount <= MAX_UNREAD_BYTES) this.#caughtUp()
    })
    if (socket.bufferedAmount > MAX_UNREAD_BYTES) this.#watch()
  }

  /** Says one of the kind that later ones replace, whatever was said before. */
  sendLatest(frame: string): void {
    this.#passing = frame
    this.send(frame)
  }

  /** Undefined when more may be said; else a promise of that. It also resolves when the client is gone. */
  ready(): Promise<void> | undefined {
    const { socket } = this.#to
    if (socket.readyState !== socket.OPEN || socket.bufferedAmount <= MAX_UNREAD_BYTES) return undefined
    this.#drained ??= Promise.withResolvers<void>()
    return this.#drained.promise
  }

  #hold(bytes: number): boolean {
    try {
      this.#to.share.take(bytes)
      return true
    } catch {
      return false
    }
  }

  #watch(): void {
    this.#cancelStall ??= this.#to.clock.after(STALLED_READER_MS, () => this.#to.socket.terminate())
  }

  #caughtUp(): void {
    this.#cancelStall?.()
    this.#cancelStall = undefined
    this.#drained?.resolve()
    this.#drained = undefined
  }
}
