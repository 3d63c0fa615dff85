/** The queries that wait in a realm: their order, how many there are of each model, and word to them of their place. */
import { canonicalModelName, isAutoModel } from '../../../core/model/model-name.ts'
import type { Query } from '../../../core/query/query.ts'
import type { RealmeshError } from '../../../core/realmesh-error.ts'
import type { Clock } from '../../../core/run/clock.ts'
import { needsOf } from '../../../workers/pool/query-needs.ts'
import { RealmQueue } from './realm-queue.ts'
import { WaitingQuery, type WaitingQueryInit } from './waiting-query.ts'

/** The first in the queue hear of their place this often, when it changed. */
const TELL_EVERY_MS = 1_000

/** How many hear of it: a longer queue costs no more. */
export const MAX_TOLD = 100

/** Stands for "any model" where names are counted. */
export const ANY_MODEL = ''

export interface WaitingQueriesComponents {
  readonly clock: Clock
  /** Estimated wait of a query with `ahead` others before it. */
  readonly estimateWaitMs: (waiting: WaitingQuery, ahead: number) => number
}

/** Whose query it is, when they leave, which workers failed it, and what was estimated at the door. */
export interface Waiter extends Pick<WaitingQueryInit, 'asker' | 'signal' | 'exclude'> {
  readonly estimatedWaitMs: number
}

export class WaitingQueries {
  readonly #components: WaitingQueriesComponents
  readonly #queue = new RealmQueue<WaitingQuery>()
  readonly #byModel = new Map<string, number>()
  #stopTelling: (() => void) | undefined

  constructor(components: WaitingQueriesComponents) {
    this.#components = components
  }

  get size(): number {
    return this.#queue.size
  }

  /** How many wait for each model, by canonical name; those that take any stand under `ANY_MODEL`. */
  get byModel(): ReadonlyMap<string, number> {
    return this.#byModel
  }

  /** How many wait for the same model as `query`, or for any. */
  ahead(query: Query): number {
    const model = modelOf(query)
    if (model === ANY_MODEL) return this.#queue.size
    return (this.#byModel.get(model) ?? 0) + (this.#byModel.get(ANY_MODEL) ?? 0)
  }

  /** Puts a query in the queue, and tells it how many wait, itself included: its place is that at most. */
  add(query: Query, { asker, signal, exclude, estimatedWaitMs }: Waiter): WaitingQuery {
    const model = modelOf(query)
    const waiting = new WaitingQuery({
      query,
      exclude,
      asker,
      signal,
      flow: `${query.origin ?? ''} ${query.user}`,
      kind: kindOf(query, model, exclude),
      enqueuedAt: this.#components.clock.monotonic(),
      onOver: (over) => this.#remove(over, model),
    })
    this.#queue.add(waiting)
    this.#count(model, 1)
    waiting.tell(this.#queue.size, Math.round(estimatedWaitMs))
    if (this.#stopTelling === undefined) this.#tellLater()
    return waiting
  }

  /**
   * Offers a slot to one after the other, in order of turn. `settle` says whether the query waits no more: then it
   * was granted a slot or failed. Until the end of this call a kind that gets none is not asked again: no slot
   * becomes free meanwhile.
   */
  settle(settle: (waiting: WaitingQuery) => boolean, hasRoom: () => boolean): void {
    if (this.#queue.size === 0) return
    const now = this.#components.clock.monotonic()
    const busy = new Set<string>()
    const settled = (waiting: WaitingQuery): boolean => {
      const kind = `${waiting.asker} ${waiting.kind}`
      if (busy.has(kind)) return false
      if (settle(waiting)) return true
      busy.add(kind)
      return false
    }
    while (hasRoom() && this.#queue.take(now, settled) !== undefined);
  }

  /** Ends all of them. */
  failAll(error: RealmeshError): void {
    for (const waiting of this.#queue.all()) waiting.fail(error)
  }

  #remove(waiting: WaitingQuery, model: string): void {
    this.#queue.remove(waiting)
    this.#count(model, -1)
    if (this.#queue.size > 0) return
    this.#stopTelling?.()
    this.#stopTelling = undefined
  }

  #count(model: string, one: 1 | -1): void {
    const count = (this.#byModel.get(model) ?? 0) + one
    if (count > 0) this.#byModel.set(model, count)
    else this.#byModel.delete(model)
  }

  #first(): readonly WaitingQuery[] {
    return this.#queue.first(MAX_TOLD, this.#components.clock.monotonic())
  }

  #tellLater(): void {
    this.#stopTelling = this.#components.clock.after(TELL_EVERY_MS, () => {
      for (const [i, waiting] of this.#first().entries()) {
        if (waiting.position !== i + 1) this.#tell(waiting, i + 1)
      }
      this.#tellLater()
    })
  }

  #tell(waiting: WaitingQuery, position: number): void {
    waiting.tell(position, Math.round(this.#components.estimateWaitMs(waiting, position - 1)))
  }
}

function modelOf({ model }: Query): string {
  return isAutoModel(model) ? ANY_MODEL : canonicalModelName(model)
}

/**
 * Queries of one kind want the same of a worker. The length of the prompt counts by its magnitude: of two that take
 * any model, one may be too long for what the other fits into.
 */
function kindOf(query: Query, model: string, exclude: ReadonlySet<string>): string {
  const { type, capabilities, promptTokens } = needsOf(query)
  return [type, model, capabilities, Math.ceil(Math.log2(promptTokens + 1)), [...exclude].sort()].join(' ')
}
