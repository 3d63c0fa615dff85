/** The server's end of a lane: takes a query, answers it, takes the next. The asker resets the stream to cancel. */
import type { Stream } from '@libp2p/interface'
import type { Query } from '../../../core/query/query.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { type LinkedAbort, linkedAbort } from '../../../core/run/linked-abort.ts'
import type { RunQuery } from '../../../core/run/run-query.ts'
import { PIECE_BYTES } from '../constants.ts'
import { encodeFailure } from '../frames/answer-codec.ts'
import { bodyLimit, decodeAsk, queryOf } from '../frames/ask-codec.ts'
import { FrameReader } from '../frames/frame-reader.ts'
import type { Ask } from '../frames/messages.ts'
import { AnswerWriter } from './answer-writer.ts'
import type { ByteBudget } from './byte-budget.ts'

export interface InboundLaneComponents {
  readonly stream: Stream
  readonly run: RunQuery
  /** The node's load, encoded for a reply. */
  readonly load: () => Uint8Array<ArrayBuffer>
  /** Room for bodies under way, shared by all lanes. */
  readonly receiving: ByteBudget
  /** Monotonic milliseconds. */
  readonly now: () => number
}

export interface InboundLaneInit {
  /** The peer at the other end, as the connection proved. */
  readonly peer: string
}

/** What came of a query: to be run, or refused after it was read. */
type Received = { readonly query: Query } | { readonly refusal: unknown }

export class InboundLane {
  readonly #components: InboundLaneComponents
  readonly #stream: Stream
  readonly #peer: string
  readonly #reader: FrameReader
  #number = 0
  #state: 'resting' | 'receiving' | 'answering' = 'resting'
  #since: number
  #writer: AnswerWriter | undefined
  #life: LinkedAbort | undefined

  constructor(components: InboundLaneComponents, init: InboundLaneInit) {
    this.#components = components
    this.#stream = components.stream
    this.#peer = init.peer
    this.#since = components.now()
    this.#reader = new FrameReader({ stream: components.stream }, { onBytes: this.#onBytes })
    this.#stream.addEventListener('close', this.#onClose)
  }

  /**
   * Serves until the asker closes the lane. Rejects with `PROTOCOL_ERROR` when it breaks the rules, with anything when
   * it is lost.
   */
  async serve(): Promise<void> {
    try {
      for (;;) {
        const received = await this.#receive()
        // A query can lie there whose asker has gone since: nothing would abort its run.
        if (received === undefined || this.#stream.status !== 'open') break
        this.#enter('answering')
        if (this.#reader.hasUnread) throw broken(TWO_AT_ONCE)
        await this.#answer(received)
      }
      await this.#stream.close()
    } catch (error) {
      this.reset(error as Error)
      throw error
    } finally {
      this.#stream.removeEventListener('close', this.#onClose)
      this.#reader.close()
    }
  }

  /** Ends the lane at once, and the query on it. */
  reset(error: Error): void {
    this.#life?.abort(error)
    this.#reader.fail(error)
    this.#stream.abort(error)
  }

  /** Sends a sign of life if nothing else was sent for `quietMs`. */
  keepAlive(quietMs: number): void {
    this.#writer?.keepAlive(quietMs)
  }

  /** Ends a lane that rests, or that receives one query, for too long. */
  expire(restMs: number, receiveMs: number): void {
    const age = this.#components.now() - this.#since
    if (this.#state === 'resting' && age >= restMs) this.reset(new RealmeshError('TIMEOUT', 'the lane rested too long'))
    if (this.#state === 'receiving' && age >= receiveMs) {
      this.reset(new RealmeshError('PROTOCOL_ERROR', `a query did not arrive within ${receiveMs} ms`))
    }
  }

  /** While a query is answered its asker has nothing to say. */
  readonly #onBytes = (): void => {
    if (this.#state === 'answering') this.reset(broken(TWO_AT_ONCE))
  }

  readonly #onClose = (): void => {
    this.#life?.abort(new RealmeshError('CANCELLED', 'the asking node went away'))
  }

  #enter(state: 'resting' | 'receiving' | 'answering'): void {
    this.#state = state
    this.#since = this.#components.now()
  }

  async #frame(): Promise<Uint8Array | undefined> {
    for (;;) {
      const frame = this.#reader.take()
      if (frame !== undefined) return frame
      if (this.#reader.ended) return undefined
      if (this.#state === 'resting' && this.#reader.hasUnread) this.#enter('receiving')
      await this.#reader.wait()
    }
  }

  async #receive(): Promise<Received | undefined> {
    const frame = await this.#frame()
    if (frame === undefined) return undefined
    this.#enter('receiving')
    const ask = decodeAsk(frame)
    this.#number += 1
    if (ask.number !== this.#number) throw broken('a query out of turn')
    if (ask.bodyBytes > bodyLimit(ask)) throw broken('a query that is larger than allowed')
    if (ask.body.byteLength > ask.bodyBytes) throw broken('more of a query than it announced')
    if (ask.body.byteLength === ask.bodyBytes) return this.#parsed(ask, ask.body)
    if (ask.body.byteLength < PIECE_BYTES) throw broken('a query in pieces that are too small')
    return this.#receivePieces(ask)
  }

  /**
   * Keeps a large body only if there is room for all of it; else it is read and thrown away, so that the refusal can be
   * sent.
   */
  async #receivePieces(ask: Ask): Promise<Received> {
    const { receiving } = this.#components
    const room = receiving.reserve(ask.bodyBytes, this.#peer)
    try {
      const pieces = [ask.body]
      for (let bytes = ask.body.byteLength; bytes < ask.bodyBytes; ) {
        const piece = await this.#piece(ask.bodyBytes - bytes)
        bytes += piece.byteLength
        if (room) pieces.push(piece)
      }
      if (!room) return { refusal: new RealmeshError('REALM_OVERLOADED', 'the node receives too much at once') }
      return this.#parsed(ask, Buffer.concat(pieces))
    } finally {
      if (room) receiving.release(ask.bodyBytes, this.#peer)
    }
  }

  async #piece(missing: number): Promise<Uint8Array<ArrayBuffer>> {
    const frame = await this.#frame()
    if (frame === undefined) throw broken('half a query')
    const { number, body } = decodeAsk(frame)
    if (number !== this.#number) throw broken('a query out of turn')
    // Only the last piece may be short: else a body could be cut into crumbs that cost more than they hold.
    if (body.byteLength !== Math.min(missing, PIECE_BYTES)) throw broken('a piece of the wrong size')
    return body
  }

  #parsed(ask: Ask, body: Uint8Array): Received {
    try {
      return { query: queryOf(ask, body, this.#peer) }
    } catch (refusal) {
      return { refusal }
    }
  }

  async #answer(received: Received): Promise<void> {
    const { stream, now, load } = this.#components
    const writer = new AnswerWriter({ stream, load, now }, { number: this.#number })
    try {
      if ('refusal' in received) throw received.refusal
      this.#writer = writer
      writer.begin()
      await this.#relay(received.query, writer)
    } catch (error) {
      this.#enter('resting')
      writer.finish(encodeFailure(error))
    } finally {
      writer.dispose()
      this.#writer = undefined
      this.#life = undefined
    }
  }

  async #relay(query: Query, writer: AnswerWriter): Promise<void> {
    const life = linkedAbort()
    this.#life = life
    // Whatever the run does about its signal: an asker that is gone is sent nothing, and the loop ends.
    for await (const event of this.#components.run(query, { signal: life.signal })) {
      life.signal.throwIfAborted()
      if (event.kind === 'end') {
        // The asker may send the next query as soon as it has the end: nothing may follow in a later frame, and nothing
        // is waited for.
        this.#enter('resting')
        writer.end(event)
        return
      }
      const full = writer.write(event)
      if (full !== undefined) await full
    }
    throw new RealmeshError('ENGINE_GARBAGE', 'the answer stopped without an end')
  }
}

const TWO_AT_ONCE = 'another query before the end of the last'

function broken(what: string): RealmeshError {
  return new RealmeshError('PROTOCOL_ERROR', `the asking node sent ${what}`)
}
