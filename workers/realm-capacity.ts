/** What several workers can do together: per model for load records and lists, and for one query at the door. */
import type { ModelLoad } from '../core/load.ts'
import type { Model } from '../core/model.ts'
import { canonicalModelName } from '../core/model-name.ts'
import type { QueryType } from '../core/query.ts'
import type { Asker } from './asker.ts'
import { type MatchRules, namedModels } from './model-match.ts'
import type { Worker } from './worker.ts'

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

type RulesOf = (worker: Worker) => MatchRules

/** The models of `workers`, each name once. */
export function realmModels(
  workers: readonly Worker[],
  rulesOf: RulesOf,
  asker: Asker,
  types: readonly QueryType[],
): readonly RealmModel[] {
  return [...byModel(workers, rulesOf, asker, types).values()].map(({ name, first, serving }) => {
    const engines = [...new Set(serving.map(({ worker }) => worker.engine.kind))]
    return { model: { ...first, name }, slots: sum(serving, ({ worker }) => worker.slots.slots), engines }
  })
}

/** The load of each model. A slot that is shared by several models counts as running for all of them: it is taken. */
export function realmLoads(
  workers: readonly Worker[],
  rulesOf: RulesOf,
  asker: Asker,
  types: readonly QueryType[],
): readonly ModelLoad[] {
  return [...byModel(workers, rulesOf, asker, types)].map(([model, { serving }]) => {
    const { slots, running, decodeRate, prefillRate, warm } = realmCapacity(serving)
    return { model, slots, running, queued: 0, estimatedWaitMs: 0, decodeRate, prefillRate, warm }
  })
}

/** Slots are summed; rates are means over the workers that were measured, each as often as it has slots. */
export function realmCapacity(serving: readonly Serving[]): RealmCapacity {
  const rates = serving.map(({ worker, model }) => ({
    slots: worker.slots.slots,
    ...worker.models.rates(model.name),
  }))
  const mean = (pick: (rate: (typeof rates)[number]) => number | undefined): number => {
    const measured = rates.filter((rate) => pick(rate) !== undefined)
    const slots = sum(measured, (rate) => rate.slots)
    return slots === 0 ? 0 : sum(measured, (rate) => (pick(rate) ?? 0) * rate.slots) / slots
  }
  return {
    slots: sum(serving, ({ worker }) => worker.slots.slots),
    running: sum(serving, ({ worker }) =>
      Math.min(worker.slots.running, Math.max(worker.slots.slots, worker.slots.own)),
    ),
    meanJobMs: mean(({ jobMs }) => jobMs),
    decodeRate: mean(({ decode }) => decode),
    prefillRate: mean(({ prefill }) => prefill),
    warm: serving.some(({ worker, model }) => worker.models.isWarm(model.name)),
  }
}

interface ByModel {
  /** As the first worker writes it. */
  readonly name: string
  readonly first: Model
  readonly serving: Serving[]
}

/** Canonical model name → the workers that serve it. */
function byModel(
  workers: readonly Worker[],
  rulesOf: RulesOf,
  asker: Asker,
  types: readonly QueryType[],
): ReadonlyMap<string, ByModel> {
  const found = new Map<string, ByModel>()
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

function sum<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((total, item) => total + pick(item), 0)
}
