/**
 * One WebSocket of a client: each message asks for a response, whose events come back as frames, one response after
 * another. What the key may do is asked for each of them.
 */
import { z } from 'zod'
import { BadField, checkValue } from '../../../../core/check-value.ts'
import { defined } from '../../../../core/defined.ts'
import { isContent, type QueryEvent, type StartEvent } from '../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { linkedAbort } from '../../../../core/run/linked-abort.ts'
import { requestOptions } from '../../../answer/query-headers.ts'
import type { AnswerPieces } from '../../../answer/stream-answer.ts'
import { problemOf } from '../../../request/error-handler.ts'
import type { GatewayContext } from '../../../request/gateway-context.ts'
import type { ReadJson } from '../../../request/json-body.ts'
import { MAX_REQUEST_BYTES } from '../../../request/limits.ts'
import { CountedSocket } from '../../../sockets/counted-socket.ts'
import { Outbox } from '../../../sockets/outbox.ts'
import type { OpenedSocket } from '../../../sockets/socket-door.ts'
import type { ResponseDesk } from '../kept/response-desk.ts'
import { type RecordInit, ResponseRecord } from '../kept/response-record.ts'
import { RunningResponse } from '../kept/running-response.ts'
import { type PreparedResponse, prepareResponse } from '../prepared-response.ts'
import { responseStream } from '../response-stream.ts'
import { framesOf, problemFrame } from './frames.ts'
import { SocketMemory, tooManyTurns } from './socket-memory.ts'

/** Messages that wait for the response that runs; together they are no larger than one may be. */
export const MAX_WAITING_TURNS = 8

/** What the protocol of WebSockets calls it. */
const GOING_AWAY = 1001
const TRY_AGAIN_LATER = 1013

const createSchema = z.looseObject({
  type: z.literal('response.create', { error: 'expected response.create' }),
  previous_response_id: z.string().nullish(),
  background: z.unknown().optional(),
})

export interface SocketSessionComponents extends OpenedSocket {
  readonly context: GatewayContext
  readonly desk: ResponseDesk
  /** A message as JSON, bounded as bodies are. Throws `BAD_REQUEST`, `PROMPT_TOO_LARGE`. */
  readonly readJson: ReadJson
}

export class SocketSession {
  readonly #to: SocketSessionComponents
  readonly #counted: CountedSocket
  readonly #outbox: Outbox
  readonly #memory: SocketMemory
  readonly #life = linkedAbort()
  readonly #waiting: Buffer[] = []
  #running = false
  #stopping = false

  constructor(components: SocketSessionComponents) {
    const { context, desk } = components
    this.#to = components
    this.#outbox = new Outbox({ ...components, clock: context.clock })
    this.#memory = new SocketMemory(desk)
    this.#counted = new CountedSocket({
      ...components,
      clock: context.clock,
      onMessage: (data, isBinary) => this.#onMessage(data, isBinary),
      onRefused: (thrown) => this.#refuse(thrown),
      onClose: () => {
        this.#waiting.length = 0
        this.#life.abort(new RealmeshError('CANCELLED', 'the client went away'))
      },
    })
  }

  /** Closes it behind the response that runs. */
  stop(): void {
    this.#stopping = true
    this.#waiting.length = 0
    if (!this.#running) this.#to.socket.close(GOING_AWAY, 'this node is about to stop')
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (this.#stopping) return
    if (isBinary) {
      this.#refuse(new RealmeshError('BAD_REQUEST', 'a message is JSON in a text frame'))
    } else if (this.#waiting.length === MAX_WAITING_TURNS || this.#waitingBytes + data.length > MAX_REQUEST_BYTES) {
      this.#refuse(tooManyTurns())
      this.#to.socket.close(TRY_AGAIN_LATER)
    } else if (this.#counted.hold(data.length)) {
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
      this.#counted.give(next.length)
    }
    this.#running = false
    if (this.#stopping) this.stop()
  }

  async #turn(message: Buffer): Promise<void> {
    const { context, readJson } = this.#to
    let before: string | null | undefined
    try {
      const { user, allowance } = context.keys.callerOf(this.#to.request.headers)
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
    const { query, wantsReceipt } = requestOptions(this.#to.request.headers)
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
    const say = (piece: string): void => {
      for (const frame of framesOf(piece)) this.#outbox.send(frame)
    }
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
        await this.#outbox.ready()
      }
      return true
    } catch (thrown) {
      if (pieces === undefined) throw thrown
      say(format.error(thrown))
      return false
    }
  }

  #refuse(thrown: unknown): void {
    this.#outbox.send(problemFrame(problemOf(thrown, this.#to.context.log)))
  }
}
