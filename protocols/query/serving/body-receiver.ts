/**
 * The body of one query, as it arrives in pieces. Room is taken for what has come, never for what was announced, and
 * the bytes must come at a least rate: only a peer that sends can keep the room of others.
 */
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { MIN_RECEIVE_RATE, PIECE_BYTES, RECEIVE_GRACE_MS } from '../constants.ts'
import type { ByteBudget } from './byte-budget.ts'

export interface BodyReceiverInit {
  /** What came with the first frame. */
  readonly first: Uint8Array
  /** Length of the whole body. */
  readonly bodyBytes: number
  /** Whose body it is. */
  readonly owner: string
}

export class BodyReceiver {
  readonly #init: BodyReceiverInit
  #budget: ByteBudget | undefined
  #pieces: Uint8Array[]
  #reserved = 0
  #received: number

  constructor(init: BodyReceiverInit) {
    this.#init = init
    this.#pieces = [init.first]
    this.#received = init.first.byteLength
  }

  /** Bytes that have come, kept or not. */
  get received(): number {
    return this.#received
  }

  /** Whether all of it has come. */
  get complete(): boolean {
    return this.#received === this.#init.bodyBytes
  }

  /** Keeps what comes, in `budget`; without this it is thrown away. A body of one frame needs no room there. */
  keepIn(budget: ByteBudget): void {
    if (this.complete) return
    this.#budget = budget
    this.#reserve(this.#init.first)
  }

  /** Takes the next piece. Throws `PROTOCOL_ERROR`, or `REALM_OVERLOADED` when there is no room for it. */
  take(piece: Uint8Array): void {
    // Only the last piece may be short: else a body could be cut into crumbs that cost more than they hold.
    if (piece.byteLength !== Math.min(this.#init.bodyBytes - this.#received, PIECE_BYTES)) throw wrongSize()
    this.#received += piece.byteLength
    if (this.#budget === undefined) return
    this.#reserve(piece)
    this.#pieces.push(piece)
  }

  /** The whole body. */
  whole(): Uint8Array {
    return this.#pieces.length === 1 ? this.#init.first : Buffer.concat(this.#pieces)
  }

  /** Gives the room back; what still comes is thrown away. Twice is harmless. */
  release(): void {
    this.#budget?.release(this.#reserved, this.#init.owner)
    this.#budget = undefined
    this.#reserved = 0
    this.#pieces = []
  }

  #reserve({ byteLength }: Uint8Array): void {
    if (this.#budget?.reserve(byteLength, this.#init.owner) !== true) {
      throw new RealmeshError('REALM_OVERLOADED', 'the node receives too much at once')
    }
    this.#reserved += byteLength
  }
}

/** Whether `received` bytes are too few, `ms` after a query began to arrive. */
export function arrivesTooSlowly(received: number, ms: number): boolean {
  return received < ((ms - RECEIVE_GRACE_MS) * MIN_RECEIVE_RATE) / 1_000
}

function wrongSize(): RealmeshError {
  return new RealmeshError('PROTOCOL_ERROR', 'the asking node sent a piece of the wrong size')
}
