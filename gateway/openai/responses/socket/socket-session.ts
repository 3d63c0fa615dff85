/**
 * One WebSocket of a client: each message asks for a response, whose events come back as frames, one response after
 * another. What the key may do is asked for each of them.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { z } from 'zod'
import { BadField, checkValue } from '../../../../core/check-value.ts'
import { defined } from '../../../../core/defined.ts'
import { isContent, type QueryEvent, type StartEvent } from '../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { linkedAbort } from '../../../../core/run/linked-abort.ts'
import { requestOptions } from '../../../answer/query-headers.ts'
import type { AnswerPieces } from '../../../answer/stream-answer.ts'
import type { BodyShare } from '../../../request/body-budget.ts'
import { problemOf } from '../../../request/error-handler.ts'
import type { GatewayContext } from '../../../request/gateway-context.ts'
import type { ReadJson } from '../../../request/json-body.ts'
import { MAX_REQUEST_BYTES, PING_EVERY_MS } from '../../../request/limits.ts'
import type { ResponseDesk } from '../kept/response-desk.ts'
import { type RecordInit, ResponseRecord } from '../kept/response-record.ts'
import { RunningResponse } from '../kept/running-response.ts'
import { type PreparedResponse, prepareResponse } from '../prepared-response.ts'
import { responseStream } from '../response-stream.ts'
import { framesOf, problemFrame } from './frames.ts'
import { SocketMemory, tooManyTurns } from './socket-memory.ts'
import { SocketWriter } from './socket-writer.ts'

/** Messages that wait for the response that runs; together they are no larger than one may be. */
export const MAX_WAITING_TURNS = 8

/** What stands before the data of a ping or a pong of a client: its kind, its length, and a mask of four (RFC 6455). */
const CONTROL_HEAD_BYTES = 6

/** What the protocol of WebSockets calls it. */
const GOING_AWAY = 1001
const TRY_AGAIN_LATER = 1013

const createSchema = z.looseObject({
  type: z.literal('response.create', { error: 'expected response.create' }),
  previous_response_id: z.string().nullish(),
  background: z.unknown().optional(),
})

export interface SocketSessionComponents {
  readonly socket: WebSocket
  /** What it is made of. */
  readonly connection: Duplex
  /** Its part of the memory for messages: of those that arrive, wait or are answered. */
  readonly share: BodyShare
  readonly context: GatewayContext
  readonly desk: ResponseDesk
  /** A message as JSON, bounded as bodies are. Throws `BAD_REQUEST`, `PROMPT_TOO_LARGE`. */
  readonly readJson: ReadJson
}

export interface SocketSessionInit {
  /** Of the request that opened it. */
  readonly headers: IncomingHttpHeaders
}

export class SocketSession {
  readonly #to: SocketSessionComponents
  readonly #headers: IncomingHttpHeaders
  readonly #writer: SocketWriter
  readonly #memory: SocketMemory
  readonly #life = linkedAbort()
  readonly #waiting: Buffer[] = []
  /** Bytes of a message that has not come to its end: it may never. */
  #arriving = 0
  #running = false
  #stopping = false
  #isAlive = true
  #cancelPing = (): void => {}

  constructor(components: SocketSessionComponents, { headers }: SocketSessionInit) {
    const { socket, connection, context, desk } = components
    this.#to = components
    this.#headers = headers
    this.#writer = new SocketWriter({ socket, clock: context.clock })
    this.#memory = new SocketMemory(desk)
    // Before they are gathered.
    connection.prependListener('data', ({ length }: Buffer) => this.#onBytes(length))
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#onMessage(data, isBinary))
    socket.on('ping', ({ length }: Buffer) => this.#letGo(CONTROL_HEAD_BYTES + length))
    socket.on('pong', ({ length }: Buffer) => {
      this.#isAlive = true
      this.#letGo(CONTROL_HEAD_BYTES + length)
    })
    socket.on('error', () => socket.terminate())
    socket.once('close', () => {
      this.#cancelPing()
      this.#waiting.length = 0
      this.#life.abort(new RealmeshError('CANCELLED', 'the client went away'))
    })
    this.#armPing()
  }

  /** Closes it behind the response that runs. */
  stop(): void {
    this.#stopping = true
    this.#waiting.length = 0
    if (!this.#running) this.#to.socket.close(GOING_AWAY, 'this node is about to stop')
  }

  #onBytes(length: number): void {
    this.#arriving += length
    this.#hold(length)
  }

  /** Whether there is room for more. Where there is none the connection is cut: its client would go on to send. */
  #hold(bytes: number): boolean {
    try {
      this.#to.share.take(bytes)
      return true
    } catch (thrown) {
      this.#refuse(thrown)
      this.#to.socket.terminate()
      return false
    }
  }

  /** Bytes that arrived and are no part of a message, or of one that is whole now. */
  #letGo(bytes: number): void {
    const gone = Math.min(bytes, this.#arriving)
    this.#arriving -= gone
    this.#to.share.give(gone)
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    this.#letGo(this.#arriving)
    if (this.#stopping) return
    if (isBinary) {
      this.#refuse(new RealmeshError('BAD_REQUEST', 'a message is JSON in a text frame'))
    } else if (this.#waiting.length === MAX_WAITING_TURNS || this.#waitingBytes + data.length > MAX_REQUEST_BYTES) {
      this.#refuse(tooManyTurns())
      this.#to.socket.close(TRY_AGAIN_LATER)
    } else if (this.#hold(data.length)) {
      this.#waiting.push(data)
      if (!this.#running) void this.#takeTurns()
    }
  }

  get #waitingBytes(): number {
    return this.#waiting.reduce((sum, { length }) => sum + length, 0)
  }

  async #takeTurns(): Promise<void> {
    this.#running = true
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#turn(next)
      this.#to.share.give(next.length)
    }
    this.#running = false
    if (this.#stopping) this.stop()
  }

  async #turn(message: Buffer): Promise<void> {
    const { context, readJson } = this.#to
    let before: string | null | undefined
    try {
      const { user, allowance } = context.keys.callerOf(this.#headers)
      allowance?.request()
      const sent = checkValue(createSchema, await readJson(message))
      before = sent.previous_response_id
      if (sent.background != null && sent.background !== false) {
        throw new BadField('background', 'runs over HTTP only: what a connection asks for ends with it')
      }
      await this.#answer(user, await prepareResponse(this.#memory, user, sent))
    } catch (thrown) {
      if (before != null) this.#memory.forget(before)
      this.#refuse(thrown)
    }
  }

  /** Throws what comes before the first event; later errors are told as events, and thrown too where no event tells. */
  async #answer(user: string, { body, asked, recorded }: PreparedResponse): Promise<void> {
    const { context, desk } = this.#to
    const { query, wantsReceipt } = requestOptions(this.#headers)
    const { id: _, ...options } = query
    const scopeLimit = context.keys.scopeLimit(user)
    const own = { ...options, user, wantsReceipt, ...defined({ scopeLimit }) }
    const { id, events: told } = context.node.query({ ...asked, ...own }, { signal: this.#life.signal })
    const init = recorded(id, desk.now())
    const record = new ResponseRecord(init)
    const unkept = new RunningResponse({ record, now: desk.now })
    const events = body.store === false ? unkept.follow(told) : desk.attended(user, init, told)
    const whole = await this.#speak(events, init, wantsReceipt)
    if (whole && body.store === false) this.#memory.remember(record)
    if (!whole && body.previous_response_id != null) this.#memory.forget(body.previous_response_id)
  }

  /** Resolves with whether the answer came to its end. */
  async #speak(events: AsyncIterable<QueryEvent>, init: RecordInit, wantsReceipt: boolean): Promise<boolean> {
    const { queryId, created, model } = init
    const record = { init, ended: undefined }
    const format = responseStream(this.#to.context, { record, wantsReceipt, endsOnce: true })
    let by: StartEvent | undefined
    let pieces: AnswerPieces | undefined
    const say = (piece: string): void => this.#writer.write(framesOf(piece))
    const opened = (): AnswerPieces => {
      if (pieces !== undefined) return pieces
      pieces = format.pieces({ queryId, created, model: by?.model ?? model, by })
      say(pieces.open())
      return pieces
    }
    try {
      for await (const event of events) {
        if (event.kind === 'start') by = event
        else if (isContent(event)) say(opened().content(event))
        else if (event.kind === 'end') say(opened().end(event))
        await this.#writer.ready()
      }
      return true
    } catch (thrown) {
      if (pieces === undefined) throw thrown
      say(format.error(thrown))
      return false
    }
  }

  #refuse(thrown: unknown): void {
    this.#writer.write([problemFrame(problemOf(thrown, this.#to.context.log))])
  }

  /** A client that has gone without a word does not answer. */
  #armPing(): void {
    const { socket, context } = this.#to
    this.#cancelPing = context.clock.after(PING_EVERY_MS, () => {
      if (!this.#isAlive) return socket.terminate()
      this.#isAlive = false
      socket.ping()
      this.#armPing()
    })
  }
}
