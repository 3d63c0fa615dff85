/**
 * RENT-A-HAL's RealmWorkerManager: a realm's view of the node's workers. It picks one that fits and holds a slot of it.
 * It never calls the router (that would be a circle): where it cannot help it throws, and the code says whether another
 * node could.
 */
import { defined } from '../../core/defined.ts'
import type { ModelLoad } from '../../core/model/load.ts'
import { isAutoModel } from '../../core/model/model-name.ts'
import type { Strategy } from '../../core/model/worker.ts'
import { isBatch, type Query, type QueryType } from '../../core/query/query.ts'
import type { Asker } from '../../core/scope.ts'
import type { ModelRules } from '../owner/model-rules.ts'
import type { Worker } from '../worker/worker.ts'
import { type MatchRules, matchModel } from './model-match.ts'
import { needsOf, type QueryNeeds } from './query-needs.ts'
import {
  availabilityFor,
  type Candidate,
  candidateOf,
  chooseTier,
  isRealMatch,
  type MatchedWorker,
  whyNone,
} from './realm-candidates.ts'
import {
  indexModels,
  type ModelIndex,
  modelLoad,
  type RealmCapacity,
  type RealmModel,
  realmCapacity,
  realmLoads,
  realmModels,
} from './realm-capacity.ts'
import { chooseAmong, type RealmPool } from './realm-pools.ts'
import { leased, type WorkerLease } from './worker-lease.ts'
import type { WorkerPool } from './worker-pool.ts'
import type { Rng } from './worker-selection.ts'

export interface RealmWorkerManagerComponents {
  readonly pool: WorkerPool
  /** @default Math.random */
  readonly rng?: Rng
}

export interface RealmWorkerManagerInit {
  readonly realm: string
  /** Types of query that the realm serves. */
  readonly queryTypes: readonly QueryType[]
  /** Peer id of this node. */
  readonly node: string
  /** @default `health`, as in RENT-A-HAL */
  readonly strategy?: Strategy
  /** Below this many usable workers the realm says that it is not well. @default 0 */
  readonly minWorkers?: number
  /** No more workers than this are used; usable ones first. @default all */
  readonly maxWorkers?: number
  readonly models?: ModelRules
  readonly pools?: readonly RealmPool[]
}

export interface ReserveOptions {
  readonly asker: Asker
  /** Names of workers that failed this query already. */
  readonly exclude?: ReadonlySet<string>
  /** Only real engines: built-ins are left for when the swarm cannot help either. @default false */
  readonly realOnly?: boolean
}

/** The best place here for a query, for the router to compare with other nodes. */
export interface LocalPlace {
  readonly model: string
  readonly engine: string
  /** Tokens that the model holds, as far as the engine says. */
  readonly contextLength?: number
  /** Whether the engine claims all that the query needs. */
  readonly sure: boolean
  /** `queued` and `estimatedWaitMs` are 0: the realm's queue fills them. */
  readonly load: ModelLoad
}

const NOTHING_EXCLUDED: ReadonlySet<string> = new Set()

export class RealmWorkerManager {
  readonly #pool: WorkerPool
  readonly #rng: Rng
  readonly #init: RealmWorkerManagerInit
  #kept: { readonly version: number; readonly members: readonly Worker[] } | undefined
  readonly #indexes = new Map<Asker, { readonly version: number; readonly index: ModelIndex }>()

  constructor({ pool, rng = Math.random }: RealmWorkerManagerComponents, init: RealmWorkerManagerInit) {
    this.#pool = pool
    this.#rng = rng
    this.#init = init
  }

  /**
   * A slot of a worker that fits; undefined when all that fit are busy: wait for `onSlotFree`. Throws
   * `MODEL_NOT_FOUND`, `CAPABILITY_MISSING`, `CONTEXT_TOO_LONG` or `NO_WORKER` when waiting would not help.
   */
  reserve(query: Query, options: ReserveOptions): WorkerLease | undefined {
    const { asker, exclude = NOTHING_EXCLUDED } = options
    const free: Candidate[] = []
    let busy = false
    for (const candidate of this.#candidates(query, options)) {
      if (exclude.has(candidate.worker.name)) continue
      const availability = availabilityFor(query, candidate.worker, asker)
      if (availability === 'free') free.push(candidate)
      else if (availability === 'busy') busy = true
    }
    const chosen = chooseAmong(chooseTier(free), this.#init, this.#rng)
    if (chosen !== undefined)
      return leased(chosen, { node: this.#init.node, turn: this.#pool.nextTurn(), priority: query.priority })
    if (busy) return undefined
    throw whyNone(this.#init.realm, query, this.#matched(query, needsOf(query), asker), { asker, exclude })
  }

  /**
   * Ends a query of a batch where it holds the slot that `query`, which waits, could have. Returns whether there was
   * one.
   */
  makeRoom(query: Query, asker: Asker): boolean {
    return this.#fit(query, { asker }).some(({ worker }) => worker.makeRoom())
  }

  /** Models that `asker` may have from this realm now, merged over the workers. */
  models(asker: Asker): readonly RealmModel[] {
    return realmModels(this.#indexFor(asker))
  }

  /** Load per model, merged over the workers; `queued` and `estimatedWaitMs` are 0: the realm's queue fills them. */
  loads(asker: Asker): readonly ModelLoad[] {
    return realmLoads(this.#indexFor(asker))
  }

  /** What the workers that fit can do together, busy ones included: for the estimate at the door. */
  capacity(query: Query, asker: Asker): RealmCapacity {
    return realmCapacity(this.#fit(query, { asker }))
  }

  /**
   * The best place here, free or not; for a batch only what is free. Undefined when nothing here can serve the query.
   */
  place(query: Query, options: ReserveOptions): LocalPlace | undefined {
    const { exclude = NOTHING_EXCLUDED } = options
    const isOpen = ({ worker }: Candidate): boolean =>
      !exclude.has(worker.name) && (!isBatch(query) || worker.availability(options.asker, 'batch') === 'free')
    const fit = chooseTier(this.#fit(query, options).filter(isOpen))
    const best = fit[0]
    if (best === undefined) return undefined
    return {
      model: best.model.name,
      engine: best.worker.engine.kind,
      ...defined({ contextLength: best.model.contextLength }),
      sure: best.sure,
      load: modelLoad(best.model.name, realmCapacity(fit)),
    }
  }

  /** The realm's workers and what each says to an own query, be it down, draining or just failed. */
  matched(query: Query): readonly MatchedWorker[] {
    return this.#matched(query, needsOf(query), 'own')
  }

  /** Calls back whenever a slot may have become free, or waiting may have become useless. Returns how to stop that. */
  onSlotFree(listener: () => void): () => void {
    return this.#pool.onSlotFree(listener)
  }

  /** Whether an engine still loads and has not told yet what it serves. */
  get loading(): boolean {
    return this.#members().some(({ vitals, models }) => vitals.loading && models.all.length === 0)
  }

  /** Workers that take queries of this node, of all that belong to the realm; `told`: they said with which models. */
  get workers(): { readonly usable: number; readonly known: number; readonly told: number } {
    const members = this.#members()
    const told = members.filter(({ models }) => models.all.length > 0).length
    return { usable: this.#usable('own').length, known: members.length, told }
  }

  /**
   * By name: the workers that the realm takes, and the engines that it could use and leaves out because it may take no
   * more.
   */
  get membership(): { readonly taken: readonly string[]; readonly leftOut: readonly string[] } {
    const taken = this.#members()
    const left = this.#belonging().filter((worker) => !taken.includes(worker))
    const usable = left.filter((worker) => worker.real && worker.refusal('own') === undefined)
    return { taken: taken.map(({ name }) => name), leftOut: usable.map(({ name }) => name) }
  }

  /**
   * One line when fewer workers are usable than the realm wants, or more than it may take; undefined when all is well.
   */
  warning(): string | undefined {
    const { minWorkers = 0, maxWorkers, realm } = this.#init
    const { usable, known } = this.workers
    if (usable < minWorkers) return `${realm} has ${usable} usable of ${known} workers and wants at least ${minWorkers}`
    const { leftOut } = this.membership
    if (leftOut.length === 0) return undefined
    return `${realm} leaves out ${leftOut.join(', ')}: its max_workers is ${maxWorkers}`
  }

  /** Those that fit and take queries of the asker, now or when they have a slot. */
  #fit(query: Query, options: ReserveOptions): readonly Candidate[] {
    return this.#candidates(query, options).filter(
      ({ worker }) => worker.refusal(options.asker, query.priority) === undefined,
    )
  }

  #candidates(query: Query, options: ReserveOptions): readonly Candidate[] {
    const needs = needsOf(query)
    const matched = this.#matched(query, needs, options.asker)
    // A built-in stands in only where no real engine of the node serves such queries at all.
    const onlyReal = options.realOnly === true || (isAutoModel(query.model) && matched.some(isRealMatch(query.type)))
    const candidates: Candidate[] = []
    for (const { worker, match } of matched) {
      if (match.kind !== 'fit' || (onlyReal && !worker.real)) continue
      candidates.push(candidateOf(worker, match.model, needs))
    }
    return candidates
  }

  #matched(query: Query, needs: QueryNeeds, asker: Asker): readonly MatchedWorker[] {
    const matched: MatchedWorker[] = []
    for (const worker of this.#members()) {
      if (!worker.serves(asker)) continue
      matched.push({ worker, match: matchModel(worker.models, query.model, needs, this.#rules(worker), asker) })
    }
    return matched
  }

  #usable(asker: Asker): readonly Worker[] {
    return this.#members().filter((worker) => worker.refusal(asker) === undefined)
  }

  /** The realm's workers, no more than it may have: usable before unusable, real before built-in, then as added. */
  #members(): readonly Worker[] {
    const { version } = this.#pool
    if (this.#kept?.version !== version) this.#kept = { version, members: this.#belonging() }
    const { members } = this.#kept
    const { maxWorkers = Number.POSITIVE_INFINITY } = this.#init
    if (members.length <= maxWorkers) return members
    // Who is usable changes with the clock too, so the cut is made anew each time.
    const rank = (worker: Worker): number => (worker.refusal('own') === undefined ? 0 : 2) + (worker.real ? 0 : 1)
    return members.toSorted((a, b) => rank(a) - rank(b)).slice(0, maxWorkers)
  }

  /** Those that the realm may use, hosts apart, as added: kept until a worker changes, since every query asks. */
  #belonging(): readonly Worker[] {
    const { realm, queryTypes } = this.#init
    return this.#pool.list().filter(({ settings, models }) => {
      const { realms = [], types = queryTypes } = settings
      if (settings.host !== undefined || (realms.length > 0 && !realms.includes(realm))) return false
      if (!types.some((type) => queryTypes.includes(type))) return false
      return (
        models.all.length === 0 || models.all.some((model) => model.types.some((type) => queryTypes.includes(type)))
      )
    })
  }

  /** The models that `asker` may name now: kept until a worker changes, since load statements ask often. */
  #indexFor(asker: Asker): ModelIndex {
    const { version } = this.#pool
    const kept = this.#indexes.get(asker)
    if (kept?.version === version) return kept.index
    const { queryTypes } = this.#init
    const index = indexModels(this.#usable(asker), (worker) => this.#rules(worker), asker, queryTypes)
    this.#indexes.set(asker, { version, index })
    return index
  }

  #rules(worker: Worker): MatchRules {
    return { realm: this.#init.models, worker: worker.settings.models }
  }
}
