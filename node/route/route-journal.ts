/**
 * How a query is to be routed, and what happens to it on its way, folded into its receipt. Nothing of the prompt or
 * the answer is kept.
 */

import type { Path } from '../../core/net/path.ts'
import type { Query } from '../../core/query/query.ts'
import type { EndEvent, QueryEvent, StartEvent } from '../../core/query/query-event.ts'
import { isContent } from '../../core/query/query-event.ts'
import { type Attempt, RECEIPT_VERSION, type RouteReceipt, type Verified } from '../../core/query/receipt.ts'
import type { ErrorCode } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Writable } from '../../core/writable.ts'
import type { RealmRunOptions } from '../realm/realm-run.ts'

/** How one query is to be routed. */
export interface RouteOptions extends RealmRunOptions {
  /** Where everything that happens to the query is written down. */
  readonly journal: RouteJournal
  /** Nodes that must not serve it. The router adds those that failed it. */
  readonly avoidNodes: Set<string>
  /** Own workers that failed it. */
  readonly avoidWorkers: Set<string>
  /** Realms that may serve it; the query's own is looked at before. @default every realm */
  readonly realms?: readonly string[] | undefined
}

/** A RunQuery that also knows the query's way so far. */
export type RouteQuery = (query: Query, options: RouteOptions) => AsyncIterable<QueryEvent>

type Outcome = Attempt['outcome']

/**
 * Most attempts that a receipt lists: three tries for each of five continuations, and some room. A query that waits for
 * a place asks again and again: of its refusals the latest are listed.
 */
const MAX_ATTEMPTS = 24

/** One try at one place. */
export interface AttemptJournal {
  readonly node: string
  /** Worker that took it, once known. */
  readonly worker: string | undefined
  /** Milliseconds until the first content, once it came. */
  readonly firstEventMs: number | undefined
  saw(event: QueryEvent): void
  /** By which way the query goes there, and the round trip of that way, milliseconds. */
  goes(path: Path, rttMs: number): void
  /** Whether what the node signed fits what came, where that was looked at. */
  proved(verified: Verified): void
  ended(outcome: Outcome): void
}

export class RouteJournal {
  readonly #clock: Clock
  readonly #query: Query
  readonly #startedAt: number
  readonly #at: number
  readonly #attempts: Attempt[] = []
  #left = false
  #continued = false
  #hedged = false
  #modelServed: string | undefined
  #servedBy: string | undefined
  #waitedMs = 0
  #searchedMs: number | undefined
  #triedMs = 0

  constructor(query: Query, clock: Clock) {
    this.#query = query
    this.#clock = clock
    this.#startedAt = clock.monotonic()
    this.#at = clock.wall()
  }

  /** Milliseconds since the query was accepted. */
  get elapsedMs(): number {
    return this.#clock.monotonic() - this.#startedAt
  }

  /** The exact model that serves, once a worker took the query. */
  get modelServed(): string | undefined {
    return this.#modelServed
  }

  /** Opens a try at `node`. */
  attempt(node: string): AttemptJournal {
    return new OpenAttempt(node, this.elapsedMs, this.#clock, this.#onAttempt)
  }

  /** Wall clock when the query was accepted. */
  get at(): number {
    return this.#at
  }

  /** The node whose worker began with it last; undefined while none has. */
  get servedBy(): string | undefined {
    return this.#servedBy
  }

  /** The query goes to another node: true the first time, false for each further try. */
  leaves(): boolean {
    const first = !this.#left
    this.#left = true
    return first
  }

  /** Another worker goes on with an answer that had begun. */
  noteContinued(): void {
    this.#continued = true
  }

  /** A second node was asked before the first answered. */
  noteHedged(): void {
    this.#hedged = true
  }

  /** Adds time during which the query waited for any place at all, in milliseconds. */
  waited(ms: number): void {
    this.#waitedMs += ms
  }

  /** Adds time during which the network was searched for the model, in milliseconds. */
  searched(ms: number): void {
    this.#searchedMs = (this.#searchedMs ?? 0) + ms
  }

  /** Milliseconds for which the network was searched; undefined when it was not. */
  get searchedMs(): number | undefined {
    return this.#searchedMs
  }

  receipt(outcome: 'served' | 'cancelled' | ErrorCode): RouteReceipt {
    const { id, type, realm, scope, model } = this.#query
    const totalMs = this.elapsedMs
    const ownMs = totalMs - this.#triedMs - this.#waitedMs - (this.#searchedMs ?? 0)
    const receipt: Writable<RouteReceipt> = {
      version: RECEIPT_VERSION,
      id,
      type,
      realm,
      scope,
      modelAsked: model,
      attempts: [...this.#attempts],
      continued: this.#continued,
      hedged: this.#hedged,
      at: this.#at,
      totalMs,
      overheadUs: Math.max(0, Math.round(ownMs * 1_000)),
      outcome,
    }
    if (this.#modelServed !== undefined) receipt.modelServed = this.#modelServed
    if (this.#waitedMs > 0) receipt.waitedMs = this.#waitedMs
    if (this.#searchedMs !== undefined) receipt.searchedMs = this.#searchedMs
    return receipt
  }

  readonly #onAttempt: AttemptListener = {
    started: ({ model }, node) => {
      this.#modelServed = model
      this.#servedBy = node
    },
    ended: (attempt) => {
      this.#triedMs += attempt.tookMs
      if (this.#attempts.length >= MAX_ATTEMPTS) this.#attempts.splice(leastTelling(this.#attempts), 1)
      this.#attempts.push(attempt)
    },
  }
}

/** The attempt that says least: the oldest refusal for load, else the oldest of all. */
function leastTelling(attempts: readonly Attempt[]): number {
  return Math.max(
    0,
    attempts.findIndex(({ outcome }) => outcome === 'REALM_OVERLOADED'),
  )
}

interface AttemptListener {
  readonly started: (start: StartEvent, node: string) => void
  readonly ended: (attempt: Attempt) => void
}

class OpenAttempt implements AttemptJournal {
  readonly node: string
  firstEventMs: number | undefined
  readonly #startedMs: number
  readonly #clock: Clock
  readonly #listener: AttemptListener
  readonly #from: number
  #start: StartEvent | undefined
  #end: EndEvent | undefined
  #events = 0
  #verified: Verified | undefined
  #way: { readonly path: Path; readonly rttMs: number } | undefined
  #over = false

  constructor(node: string, startedMs: number, clock: Clock, listener: AttemptListener) {
    this.node = node
    this.#startedMs = startedMs
    this.#clock = clock
    this.#listener = listener
    this.#from = clock.monotonic()
  }

  get worker(): string | undefined {
    return this.#start?.worker
  }

  saw(event: QueryEvent): void {
    if (isContent(event)) {
      this.firstEventMs ??= this.#clock.monotonic() - this.#from
      this.#events += 1
    } else if (event.kind === 'start') {
      this.#start = event
      this.#listener.started(event, this.node)
    } else if (event.kind === 'end') this.#end = event
  }

  goes(path: Path, rttMs: number): void {
    this.#way = { path, rttMs }
  }

  proved(verified: Verified): void {
    this.#verified = verified
  }

  ended(outcome: Outcome): void {
    if (this.#over) return
    this.#over = true
    const { node, firstEventMs } = this
    const start = this.#start
    const { served, usage } = this.#end ?? {}
    const attempt: Writable<Attempt> = {
      node,
      startedMs: this.#startedMs,
      tookMs: this.#clock.monotonic() - this.#from,
      events: this.#events,
      outcome,
    }
    if (start !== undefined) {
      attempt.worker = start.worker
      attempt.engine = start.engine
    }
    if (this.#way !== undefined) {
      attempt.path = this.#way.path
      attempt.rttMs = this.#way.rttMs
    }
    if (firstEventMs !== undefined) attempt.firstEventMs = firstEventMs
    if (usage !== undefined) {
      attempt.promptTokens = usage.promptTokens
      attempt.completionTokens = usage.completionTokens
    }
    if (served !== undefined) attempt.served = served
    if (this.#verified !== undefined) attempt.verified = this.#verified
    this.#listener.ended(attempt)
  }
}
