/**
 * What a WebSocket brings: its bytes are counted before they are gathered, each message is handed on once it is whole,
 * and a client that has gone without a word is noticed by the ping that it leaves unanswered.
 */
import type { Clock } from '../../core/run/clock.ts'
import { PING_EVERY_MS } from '../request/limits.ts'
import type { OpenedSocket } from './socket-door.ts'

/** What stands before the data of a ping or a pong of a client: its kind, its length, and a mask of four (RFC 6455). */
const CONTROL_HEAD_BYTES = 6

export interface CountedSocketComponents extends Pick<OpenedSocket, 'socket' | 'connection' | 'share'> {
  readonly clock: Pick<Clock, 'after'>
  /** A message is whole; it is not counted any more. */
  readonly onMessage: (data: Buffer, isBinary: boolean) => void
  /** There is no room for what arrives. The connection is cut behind it: its client would go on to send. */
  readonly onRefused: (thrown: unknown) => void
  readonly onClose: () => void
}

export class CountedSocket {
  readonly #to: CountedSocketComponents
  /** Bytes of a message that has not come to its end: it may never. */
  #arriving = 0
  #isAlive = true
  #cancelPing = (): void => {}

  constructor(components: CountedSocketComponents) {
    const { socket, connection, onMessage, onClose } = components
    this.#to = components
    // Before they are gathered.
    connection.prependListener('data', ({ length }: Buffer) => {
      this.#arriving += length
      this.hold(length)
    })
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.#letGo(this.#arriving)
      onMessage(data, isBinary)
    })
    socket.on('ping', ({ length }: Buffer) => this.#letGo(CONTROL_HEAD_BYTES + length))
    socket.on('pong', ({ length }: Buffer) => {
      this.#isAlive = true
      this.#letGo(CONTROL_HEAD_BYTES + length)
    })
    socket.on('error', () => socket.terminate())
    socket.once('close', () => {
      this.#cancelPing()
      onClose()
    })
    this.#armPing()
  }

  /** Counts bytes that are kept, and tells whether there is room; where there is none, it cuts the connection. */
  hold(bytes: number): boolean {
    const { share, socket, onRefused } = this.#to
    try {
      share.take(bytes)
      return true
    } catch (thrown) {
      onRefused(thrown)
      socket.terminate()
      return false
    }
  }

  /** These are not kept any more. */
  give(bytes: number): void {
    this.#to.share.give(bytes)
  }

  /** Bytes that arrived and are no part of a message, or of one that is whole now. */
  #letGo(bytes: number): void {
    const gone = Math.min(bytes, this.#arriving)
    this.#arriving -= gone
    this.give(gone)
  }

  #armPing(): void {
    const { socket, clock } = this.#to
    this.#cancelPing = clock.after(PING_EVERY_MS, () => {
      if (!this.#isAlive) return socket.terminate()
      this.#isAlive = false
      socket.ping()
      this.#armPing()
    })
  }
}
