/** What several workers can do together: per model for load records and lists, and for one query at the door. */
import type { ModelLoad } from '../../core/model/load.ts'
import type { Model } from '../../core/model/model.ts'
import { canonicalModelName } from '../../core/model/model-name.ts'
import type { QueryType } from '../../core/query/query.ts'
import type { Asker } from '../../core/scope.ts'
import type { Worker } from '../worker/worker.ts'
import { type MatchRules, namedModels } from './model-match.ts'

/** A model as the realm offers it, merged over its workers. */
export interface RealmModel {
  readonly model: Model
  readonly slots: number
  /** Kinds of the engines that serve it. */
  readonly engines: readonly string[]
}

/** The workers that fit a query, together. */
export interface RealmCapacity {
  readonly slots: number
  readonly running: number
  /** Mean time of a query on one slot, milliseconds; 0 until one has ended. */
  readonly meanJobMs: number
  /** Of one running query, tokens (images) per second; 0 until measured. */
  readonly decodeRate: number
  /** Tokens per second; 0 until measured. */
  readonly prefillRate: number
  /** Whether some worker has the model in memory. */
  readonly warm: boolean
}

/** A worker with the model that it would serve. */
interface Serving {
  readonly worker: Worker
  readonly model: Model
}

/** What is known of one model's name over several workers. */
interface IndexedModel {
  /** As the first worker writes it. */
  readonly name: string
  readonly first: Model
  readonly serving: Serving[]
}

/** Canonical model name → the workers that serve it. */
export type ModelIndex = ReadonlyMap<string, IndexedModel>

/** The models that `asker` may name, of those that serve some of `types`. */
export function indexModels(
  workers: readonly Worker[],
  rulesOf: (worker: Worker) => MatchRules,
  asker: Asker,
  types: readonly QueryType[],
): ModelIndex {
  const found = new Map<string, IndexedModel>()
  for (const worker of workers) {
    for (const { name, model } of namedModels(worker.models, rulesOf(worker), asker)) {
      if (!model.types.some((type) => types.includes(type))) continue
      const canonical = canonicalModelName(name)
      const row = found.get(canonical) ?? { name, first: model, serving: [] }
      row.serving.push({ worker, model })
      found.set(canonical, row)
    }
  }
  return found
}

/** The models of an index, each name once. */
export function realmModels(index: ModelIndex): readonly RealmModel[] {
  return [...index.values()].map(({ name, first, serving }) => {
    const engines = [...new Set(serving.map(({ worker }) => worker.engine.kind))]
    return { model: { ...first, name }, slots: sum(serving, ({ worker }) => worker.slots.slots), engines }
  })
}

/** The load of each model. A slot that is shared by several models counts as running for all of them: it is taken. */
export function realmLoads(index: ModelIndex): readonly ModelLoad[] {
  return [...index].map(([model, { serving }]) => modelLoad(model, realmCapacity(serving)))
}

/** The load of one model; the realm's queue is not in it. */
export function modelLoad(model: string, capacity: RealmCapacity): ModelLoad {
  const { slots, running, decodeRate, prefillRate, warm } = capacity
  return { model, slots, running, queued: 0, estimatedWaitMs: 0, decodeRate, prefillRate, warm }
}

/** Slots are summed; rates are means over the workers that were measured, each as often as it has slots. */
export function realmCapacity(serving: readonly Serving[]): RealmCapacity {
  const [jobMs, decode, prefill] = [new Mean(), new Mean(), new Mean()]
  let [slots, running, warm] = [0, 0, false]
  for (const { worker, model } of serving) {
    // A slot that a batch holds is free to all others: it is given up for them.
    const { slots: own, live: taken } = worker.slots
    const rates = worker.models.rates(model.name)
    slots += own
    running += Math.min(taken, own)
    jobMs.add(rates.jobMs, own)
    decode.add(rates.decode, own)
    prefill.add(rates.prefill, own)
    warm ||= worker.models.isWarm(model.name)
  }
  return { slots, running, meanJobMs: jobMs.value, decodeRate: decode.value, prefillRate: prefill.value, warm }
}

/** A weighted mean of what was measured; 0 when nothing was. */
class Mean {
  #sum = 0
  #weight = 0

  add(value: number | undefined, weight: number): void {
    if (value === undefined) return
    this.#sum += value * weight
    this.#weight += weight
  }

  get value(): number {
    return this.#weight === 0 ? 0 : this.#sum / this.#weight
  }
}

function sum<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((total, item) => total + pick(item), 0)
}
