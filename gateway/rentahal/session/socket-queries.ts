/** The queries of one socket: each on its own, with what its client is told of it. */
import type { QueryType } from '../../../core/query/query.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import type { RouteReceipt } from '../../../core/query/receipt.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import { type LinkedAbort, linkedAbort } from '../../../core/run/linked-abort.ts'
import type { AcceptedQuery } from '../../../node/api/node-api.ts'
import type { Asked } from '../../answer/submit.ts'
import { safeAnswer } from '../markup.ts'
import { resultTold } from '../messages/told.ts'
import { FAILED_AT } from '../query/failure-words.ts'
import { GatheredResult } from '../query/gathered-result.ts'
import type { RentAHalQuery } from '../query/query-schema.ts'
import { type Plan, planOf } from '../query/steps.ts'
import type { House, Session, SubmitInit } from './session-parts.ts'
import { ToldQuery } from './told-query.ts'

/** Queries of one socket at once: its page sends one, a program some; the realm's own queue bounds all of them. */
export const MAX_SOCKET_QUERIES = 16

export interface SocketQueriesComponents {
  readonly house: House
  readonly session: Session
  /** Ends with the socket. */
  readonly life: CancelSignal
  /** Hands one query to the node as the user's. Throws what it refuses at once. */
  readonly ask: (
    asked: Asked,
    options: { readonly signal: CancelSignal; readonly wantsReceipt: boolean },
  ) => AcceptedQuery
  /** The model that a name stands for, of those that the user may have. */
  readonly named: (name: string, type: QueryType) => string | undefined
  /** Counts what a query holds. False: there is no room, and the connection is cut. */
  readonly hold: (bytes: number) => boolean
  readonly give: (bytes: number) => void
  /** Undefined when more may be said; else a promise of that. */
  readonly ready: () => Promise<void> | undefined
  /** None runs any more. */
  readonly onIdle: () => void
}

interface Running {
  readonly life: LinkedAbort
  /** Once the node has accepted it. */
  id: string | undefined
}

/** What the steps of a query took together. */
interface Spent {
  seconds: number
  cost: number
}

export class SocketQueries {
  readonly #to: SocketQueriesComponents
  readonly #running = new Set<Running>()

  constructor(components: SocketQueriesComponents) {
    this.#to = components
  }

  get size(): number {
    return this.#running.size
  }

  /** Throws `REALM_OVERLOADED`, and what is wrong with the query. */
  submit(query: RentAHalQuery, { ref, also }: SubmitInit): void {
    const { house, session, named } = this.#to
    if (this.#running.size >= MAX_SOCKET_QUERIES) {
      throw new RealmeshError('REALM_OVERLOADED', 'too many queries of this connection wait')
    }
    const bytes = (query.image?.length ?? 0) + (query.audio?.length ?? 0)
    if (!this.#to.hold(bytes)) return
    house.view.begun()
    session.sayQueue()
    if (also !== undefined) session.say(also)
    const run: Running = { life: linkedAbort(this.#to.life), id: undefined }
    this.#running.add(run)
    void this.#run(run, () => planOf(query, named), ref).finally(() => {
      run.life.release()
      this.#running.delete(run)
      this.#to.give(bytes)
      house.view.ended()
      session.sayQueue()
      if (this.#running.size === 0) this.#to.onIdle()
    })
  }

  /** Ends the query of that id; false: there is none. */
  cancel(id: string): boolean {
    for (const run of this.#running) {
      if (run.id !== id) continue
      run.life.abort(new RealmeshError('CANCELLED', 'you cancelled the query'))
      return true
    }
    return false
  }

  /** The text that a plan ends with, for its caller alone. Throws what it fails with. */
  async resultOf(plan: Plan): Promise<string> {
    const life = linkedAbort(this.#to.life)
    try {
      return await this.#answer(plan, life.signal, { seconds: 0, cost: 0 })
    } finally {
      life.release()
    }
  }

  /** Never rejects. */
  async #run(run: Running, planned: () => Plan, ref: string | undefined): Promise<void> {
    const { session } = this.#to
    const told = new ToldQuery(session, ref)
    try {
      const plan = planned()
      const spent = { seconds: 0, cost: 0 }
      const result = await this.#answer(plan, run.life.signal, spent, (id, event, isLast) => {
        run.id ??= id
        if (event.kind === 'start') session.sayQueue()
        told.saw(id, event, isLast && plan.resultType === 'text')
      })
      const safe = plan.resultType === 'text' ? safeAnswer(result) : result
      session.say(resultTold({ result: safe, resultType: plan.resultType, ...spent }, told.facts))
    } catch (thrown) {
      session.refuse(thrown, FAILED_AT.query, told.failure(thrown))
    }
  }

  async #answer(
    { steps, resultType }: Plan,
    signal: CancelSignal,
    spent: Spent,
    saw: (id: string, event: QueryEvent, isLast: boolean) => void = () => {},
  ): Promise<string> {
    const { ready, ask, session } = this.#to
    const wantsReceipt = session.features.has('receipts')
    let gathered = new GatheredResult('text')
    for (const [index, step] of steps.entries()) {
      const isLast = index === steps.length - 1
      const said = gathered.result.trim()
      gathered = new GatheredResult(isLast ? resultType : 'text')
      const began = this.#to.house.context.clock.monotonic()
      const { id, events } = ask(step(said), { signal, wantsReceipt })
      let receipt: RouteReceipt | undefined
      for await (const event of events) {
        gathered.add(event)
        if (event.kind === 'end') receipt = event.receipt
        saw(id, event, isLast)
        await ready()
      }
      this.#charge(receipt, began, spent)
    }
    return gathered.result
  }

  /** What the account is charged with stands in it behind the answer; what is told of it here is the same. */
  #charge(receipt: RouteReceipt | undefined, began: number, spent: Spent): void {
    const { house, session } = this.#to
    const { clock, node } = house.context
    const ms = receipt?.totalMs ?? clock.monotonic() - began
    const cost = receipt === undefined ? 0 : node.users.costOf(receipt)
    spent.seconds += ms / 1_000
    spent.cost += cost
    for (const member of house.connections.of(session.guid)) {
      const { known } = member
      member.known = {
        ...known,
        queryCount: known.queryCount + 1,
        totalTimeMs: known.totalTimeMs + ms,
        totalCost: known.totalCost + cost,
      }
    }
  }
}
