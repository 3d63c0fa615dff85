/** One socket of a client of RENT-A-HAL, from its greeting to its end. */
import { matchesModel } from '../../../core/model/model-pattern.ts'
import type { QueryType } from '../../../core/query/query.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import { linkedAbort } from '../../../core/run/linked-abort.ts'
import type { KnownUser } from '../../../node/api/known-users.ts'
import type { AcceptedQuery } from '../../../node/api/node-api.ts'
import type { Asked } from '../../answer/submit.ts'
import { CountedSocket } from '../../sockets/counted-socket.ts'
import { Outbox } from '../../sockets/outbox.ts'
import type { OpenedSocket, SpokenSocket } from '../../sockets/socket-door.ts'
import { failureTold } from '../messages/failure-told.ts'
import type { Feature } from '../messages/received.ts'
import type { FailedAt } from '../query/failure-words.ts'
import type { RentAHalQuery } from '../query/query-schema.ts'
import { hearPlan, speakPlan } from '../query/steps.ts'
import type { Told } from '../realm-connection-manager.ts'
import { Uploads } from '../uploads.ts'
import type { Visitor } from '../visitors.ts'
import { greet, sayWho } from './greeting.ts'
import { handleMessage } from './handlers.ts'
import { MessageLine } from './message-line.ts'
import type { House, Session, SubmitInit } from './session-parts.ts'
import { SocketQueries } from './socket-queries.ts'

/** What the protocol of WebSockets calls it. */
const GOING_AWAY = 1001
const REFUSED = 1008

/** Where queries begin of which nothing is known yet. */
const USUAL_REALM = '$CHAT'

export interface RentAHalSessionComponents extends OpenedSocket {
  readonly house: House
  readonly visitor: Visitor
}

export class RentAHalSession implements Session, SpokenSocket {
  readonly guid: string
  readonly features = new Set<Feature>()
  readonly uploads: Uploads
  readonly #to: RentAHalSessionComponents
  readonly #counted: CountedSocket
  readonly #outbox: Outbox
  readonly #line: MessageLine
  readonly #queries: SocketQueries
  readonly #life = linkedAbort()
  /** Set before anything is said or handled. */
  #known: KnownUser | undefined
  #stopping = false

  constructor(components: RentAHalSessionComponents) {
    const { socket, house, visitor } = components
    const { clock } = house.context
    this.#to = components
    this.guid = visitor.guid
    this.#outbox = new Outbox({ ...components, clock })
    this.#line = new MessageLine({
      socket,
      first: () => this.#open(),
      handle: (message) => this.#handle(message),
    })
    this.#counted = new CountedSocket({
      ...components,
      clock,
      onMessage: (data, isBinary) => this.#onMessage(data, isBinary),
      onRefused: (thrown) => this.refuse(thrown),
      onClose: () => this.#close(),
    })
    const [hold, give] = [(bytes: number) => this.#counted.hold(bytes), (bytes: number) => this.#counted.give(bytes)]
    this.uploads = new Uploads({ clock, hold, give, onExpired: () => this.refuse(uploadExpired()) })
    this.#queries = new SocketQueries({
      ...{ house, session: this, life: this.#life.signal, hold, give },
      ask: (asked, options) => this.#ask(asked, options),
      named: (name, type) => this.#named(name, type),
      ready: () => this.#outbox.ready(),
      onIdle: () => {
        if (this.#stopping) this.stop()
      },
    })
    this.#line.begin()
  }

  get known(): KnownUser {
    if (this.#known === undefined) throw new RealmeshError('INTERNAL', 'the user of this socket is not known yet')
    return this.#known
  }

  set known(known: KnownUser) {
    this.#known = known
  }

  get sysop(): boolean {
    return this.#known?.sysop === true
  }

  tell(frame: string, passing = false): void {
    this.#outbox.send(frame, passing)
  }

  say(told: Told): void {
    this.#outbox.send(JSON.stringify(told))
  }

  sayQueue(): void {
    this.#outbox.sendLatest(JSON.stringify(this.#to.house.view.queue))
  }

  refuse(thrown: unknown, opening?: FailedAt, more: object = {}): void {
    this.say(failureTold(thrown, { log: this.#to.house.context.log, opening, more }))
  }

  submit(query: RentAHalQuery, init: SubmitInit): void {
    this.#assertMayAsk()
    this.#queries.submit(query, init)
  }

  async transcribe(audio: string): Promise<string> {
    this.#assertMayAsk()
    return (await this.#queries.resultOf(hearPlan(audio))).trim()
  }

  async speak(text: string): Promise<string> {
    this.#assertMayAsk()
    return await this.#queries.resultOf(speakPlan(text))
  }

  cancel(queryId: string): boolean {
    return this.#queries.cancel(queryId)
  }

  drop(): void {
    this.#to.socket.terminate()
  }

  /** Behind what has been said to it. */
  refuseEntry(): void {
    this.#line.stop()
    this.#to.socket.close(REFUSED, 'no entry')
  }

  /** Closes it behind the queries that run. */
  stop(): void {
    this.#stopping = true
    if (this.#queries.size === 0) this.#to.socket.close(GOING_AWAY, 'this node is about to stop')
  }

  /** Never rejects. */
  async #open(): Promise<void> {
    const { house, visitor } = this.#to
    const { connections, view, context } = house
    try {
      this.#known = await context.node.users.enter(this.guid, { mayBecomeSysop: visitor.isLocal })
      if (this.#life.signal.aborted) return
      if (!sayWho(this, visitor.isFresh)) return this.refuseEntry()
      connections.join(this, view.realmFor('chat') ?? USUAL_REALM)
      context.node.users.noteConnected(connections.users)
      await greet(house, this)
      // Banned while it was greeted: that was told to those who were in the list by then.
      if (context.node.users.isBanned(this.guid)) this.refuseEntry()
    } catch (thrown) {
      this.refuse(thrown)
      this.refuseEntry()
    }
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (isBinary) this.refuse(new RealmeshError('BAD_REQUEST', 'a message is JSON in a text frame'))
    else if (this.#counted.hold(data.length)) this.#line.add(data)
  }

  /** Never rejects. */
  async #handle(data: Buffer): Promise<void> {
    const { house } = this.#to
    house.connections.heard(this)
    try {
      await handleMessage(this, await house.readJson(data), house)
    } catch (thrown) {
      this.refuse(thrown)
    } finally {
      this.#counted.give(data.length)
    }
  }

  #ask(
    asked: Asked,
    { signal, wantsReceipt }: { readonly signal: CancelSignal; readonly wantsReceipt: boolean },
  ): AcceptedQuery {
    const { house, visitor } = this.#to
    const { connections, view, context } = house
    connections.move(this, view.realmFor(asked.type) ?? view.realmFor('chat') ?? USUAL_REALM)
    const scope = visitor.scopeLimit === undefined ? {} : { scopeLimit: visitor.scopeLimit }
    return context.node.query({ ...asked, ...scope, user: this.guid, wantsReceipt }, { signal })
  }

  #named(name: string, type: QueryType): string | undefined {
    const { view, context } = this.#to.house
    const model = view.modelNamed(name, type)
    const patterns = context.keys.permitted(this.guid)?.models
    return model === undefined || patterns === undefined || matchesModel(patterns, model) ? model : undefined
  }

  /** Throws what keeps the user from asking now, and counts that they do. */
  #assertMayAsk(): void {
    const { house, request, visitor } = this.#to
    if (this.#stopping) throw new RealmeshError('DRAINING', 'this node is about to stop')
    house.visitors.assertStillEnters(request)
    visitor.allowance?.request()
  }

  #close(): void {
    const { connections } = this.#to.house
    this.#line.stop()
    this.uploads.stop()
    connections.leave(this)
    this.#life.abort(new RealmeshError('CANCELLED', 'the client went away'))
  }
}

function uploadExpired(): RealmeshError {
  return new RealmeshError('TIMEOUT', 'the rest of a picture did not come', { fix: 'send all of its slices again' })
}
