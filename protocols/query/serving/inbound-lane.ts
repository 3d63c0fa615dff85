/** The server's end of a lane: takes a query, answers it, takes the next. The asker resets the stream to cancel. */
import type { Query } from '../../../core/query/query.ts'
import { type ErrorCode, RealmeshError } from '../../../core/realmesh-error.ts'
import { type LinkedAbort, linkedAbort } from '../../../core/run/linked-abort.ts'
import type { RunQuery } from '../../../core/run/run-query.ts'
import { MAX_DISCARDED_BYTES, PIECE_BYTES, STALLED_ASKER_MS } from '../constants.ts'
import { encodeFailure } from '../frames/answer-codec.ts'
import { bodyLimit, decodeAsk, envelopeOf, queryOf } from '../frames/ask-codec.ts'
import { FrameReader } from '../frames/frame-reader.ts'
import type { Ask } from '../frames/messages.ts'
import { UnknownField } from '../frames/query-body.ts'
import type { LaneStream } from '../link.ts'
import type { AdmitQuery } from './admitted.ts'
import { AnswerWriter } from './answer-writer.ts'
import { arrivesTooSlowly, BodyReceiver } from './body-receiver.ts'
import type { ByteBudget } from './byte-budget.ts'

export interface InboundLaneComponents {
  readonly stream: LaneStream
  readonly admit: AdmitQuery
  /** The node's load, encoded for a reply. */
  readonly load: () => Uint8Array<ArrayBuffer>
  /** Room for bodies under way, shared by all lanes: of the own federation, and of all others. */
  readonly receiving: { readonly own: ByteBudget; readonly others: ByteBudget }
  /** Told of a query that no honest node sends; it is refused, and the lane goes on. */
  readonly onBadQuery: (refusal: RealmeshError) => void
  /** Monotonic milliseconds. */
  readonly now: () => number
}

export interface InboundLaneInit {
  /** The peer at the other end, as the connection proved. */
  readonly peer: string
}

/** What came of a query: to be run, or refused. */
type Received = { readonly query: Query; readonly run: RunQuery } | { readonly refusal: RealmeshError }

export class InboundLane {
  readonly #components: InboundLaneComponents
  readonly #stream: LaneStream
  readonly peer: string
  readonly #reader: FrameReader
  #number = 0
  #state: 'resting' | 'receiving' | 'answering' = 'resting'
  #since: number
  #body: BodyReceiver | undefined
  #writer: AnswerWriter | undefined
  #life: LinkedAbort | undefined

  constructor(components: InboundLaneComponents, init: InboundLaneInit) {
    this.#components = components
    this.#stream = components.stream
    this.peer = init.peer
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
        const ask = await this.#ask()
        // A query can lie there whose asker has gone since: nothing would abort its run.
        if (ask === undefined || this.#stream.status !== 'open') break
        await this.#take(ask)
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

  /** Whether a query is under way on it. */
  get isBusy(): boolean {
    return this.#state !== 'resting'
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

  /** Ends a lane that rests for `restMs`, whose query arrives too slowly, or whose answer is not read. */
  expire(restMs: number): void {
    if ((this.#writer?.stalledMs ?? 0) >= STALLED_ASKER_MS) {
      this.reset(new RealmeshError('TIMEOUT', `the asking node read nothing for ${STALLED_ASKER_MS} ms`))
    }
    const age = this.#components.now() - this.#since
    if (this.#state === 'resting' && age >= restMs) this.reset(new RealmeshError('TIMEOUT', 'the lane rested too long'))
    if (this.#state === 'receiving' && arrivesTooSlowly(this.#body?.received ?? 0, age)) {
      this.reset(broken('a query too slowly'))
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

  /** The first frame of the next query. */
  async #ask(): Promise<Ask | undefined> {
    const frame = await this.#frame()
    if (frame === undefined) return undefined
    this.#enter('receiving')
    const ask = decodeAsk(frame)
    this.#number += 1
    if (ask.number !== this.#number) throw broken('a query out of turn')
    if (ask.bodyBytes > bodyLimit(ask)) throw broken('a query that is larger than allowed')
    if (ask.body.byteLength > ask.bodyBytes) throw broken('more of a query than it announced')
    if (ask.body.byteLength < Math.min(ask.bodyBytes, PIECE_BYTES)) throw broken('a query in pieces that are too small')
    return ask
  }

  /** Decides on a query, receives it and answers it. A refusal is told at once; what still comes is thrown away. */
  async #take(ask: Ask): Promise<void> {
    const { stream, now, load } = this.#components
    const body = new BodyReceiver({ first: ask.body, bodyBytes: ask.bodyBytes, owner: this.peer })
    const writer = new AnswerWriter({ stream, load, now }, { number: this.#number })
    this.#life = linkedAbort()
    this.#body = body
    // The asker of a whole query waits: it hears from us while it is decided. One that still sends is not in doubt.
    if (body.complete) this.#begin(writer)
    try {
      const received = await this.#received(ask, body)
      if ('query' in received && this.#state === 'receiving') this.#begin(writer)
      await this.#answer(received, writer)
    } finally {
      writer.dispose()
      this.#writer = undefined
      this.#life = undefined
    }
    await this.#discard(body)
    this.#body = undefined
    this.#enter('resting')
  }

  /** What was under way when the query was refused is let by. */
  async #discard(body: BodyReceiver): Promise<void> {
    const most = body.received + MAX_DISCARDED_BYTES
    while (!body.complete) {
      body.take(await this.#piece())
      if (body.received > most) throw broken('a query on and on, after it was refused')
    }
  }

  #begin(writer: AnswerWriter): void {
    this.#enter('answering')
    if (this.#reader.hasUnread) throw broken(TWO_AT_ONCE)
    this.#writer = writer
    writer.begin()
  }

  /** Throws what ends the lane; all else that is wrong is the asker's to hear. */
  async #received(ask: Ask, body: BodyReceiver): Promise<Received> {
    const { admit, receiving, onBadQuery } = this.#components
    try {
      const envelope = envelopeOf(ask, this.peer)
      const { own, run } = await admit({ ...envelope, bodyBytes: ask.bodyBytes })
      body.keepIn(own ? receiving.own : receiving.others)
      while (!body.complete) body.take(await this.#piece())
      return { query: queryOf(envelope, body.whole(), ask.rawBytes), run }
    } catch (error) {
      if (!(error instanceof RealmeshError) || error.code === 'PROTOCOL_ERROR') throw error
      if (BAD_QUERY.has(error.code) && !(error instanceof UnknownField)) onBadQuery(error)
      return { refusal: error }
    } finally {
      body.release()
    }
  }

  async #piece(): Promise<Uint8Array> {
    const frame = await this.#frame()
    if (frame === undefined) throw broken('half a query')
    const { number, body } = decodeAsk(frame)
    if (number !== this.#number) throw broken('a query out of turn')
    return body
  }

  async #answer(received: Received, writer: AnswerWriter): Promise<void> {
    try {
      if ('refusal' in received) throw received.refusal
      await this.#relay(received, writer)
    } catch (error) {
      // The asker may send the next query as soon as it has this; of a query that it still sends the rest comes first.
      if (this.#state === 'answering') this.#enter('resting')
      writer.finish(encodeFailure(error))
    }
  }

  async #relay({ query, run }: Exclude<Received, { refusal: unknown }>, writer: AnswerWriter): Promise<void> {
    const life = this.#life ?? linkedAbort()
    life.signal.throwIfAborted()
    // Whatever the run does about its signal: an asker that is gone is sent nothing, and the loop ends.
    for await (const event of run(query, { signal: life.signal })) {
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

/** What an honest node checks before it asks. */
const BAD_QUERY: ReadonlySet<ErrorCode> = new Set(['BAD_REQUEST', 'PROMPT_TOO_LARGE'])

const TWO_AT_ONCE = 'another query before the end of the last'

function broken(what: string): RealmeshError {
  return new RealmeshError('PROTOCOL_ERROR', `the asking node sent ${what}`)
}
