/** This node's load per model, over all its realms: what load records and replies say. Pure. */
import type { ModelLoad, NodeTotal } from '../../core/model/load.ts'
import type { Asker } from '../../core/scope.ts'
import type { Worker } from '../../workers/worker/worker.ts'
import { estimateWaitMs } from '../realm/queue/admission.ts'
import { ANY_MODEL } from '../realm/queue/waiting-queries.ts'

/** What one realm contributes. */
export interface RealmLoadSource {
  readonly workers: { loads(asker: Asker): readonly ModelLoad[] }
  /** Names are canonical. */
  readonly processor: { queuedByModel(): ReadonlyMap<string, number> }
}

/** One row per model that `asker` may have: the slots and rates of the workers, and the queue in front of them. */
export function ownLoad(realms: readonly RealmLoadSource[], asker: Asker): readonly ModelLoad[] {
  const byModel = new Map<string, ModelLoad>()
  for (const { workers, processor } of realms) {
    const queued = processor.queuedByModel()
    const forAny = queued.get(ANY_MODEL) ?? 0
    for (const load of workers.loads(asker)) {
      const row = { ...load, queued: (queued.get(load.model) ?? 0) + forAny }
      const other = byModel.get(load.model)
      // The same worker in two realms: its slots are the same ones, the queues in front of them add up.
      byModel.set(load.model, other === undefined ? row : { ...row, queued: row.queued + other.queued })
    }
  }
  return [...byModel.values()].map(withEstimate)
}

/** All workers that serve `asker` and are no built-ins, each once, and all that waits for them. */
export function nodeTotal(realms: readonly RealmLoadSource[], workers: readonly Worker[], asker: Asker): NodeTotal {
  const serving = workers.filter((worker) => worker.real && worker.refusal(asker) === undefined)
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)
  return {
    slots: sum(serving.map(({ slots }) => slots.slots)),
    running: sum(serving.map(({ slots }) => slots.live)),
    queued: sum(realms.flatMap(({ processor }) => [...processor.queuedByModel().values()])),
  }
}

/** Length assumed of an answer, in the unit of the decode rate, while a model's rate is all that is known of it. */
const MEAN_ANSWER_UNITS = 256

function withEstimate(load: ModelLoad): ModelLoad {
  if (load.slots === 0) return load
  const meanJobMs = load.decodeRate > 0 ? (MEAN_ANSWER_UNITS / load.decodeRate) * 1_000 : 0
  return { ...load, estimatedWaitMs: Math.round(estimateWaitMs({ ...load, meanJobMs })) }
}
