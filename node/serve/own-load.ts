/** This node's load per model, over all its realms: what load records and replies say. Pure. */
import type { ModelLoad } from '../../core/model/load.ts'
import type { Asker } from '../../core/scope.ts'
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

/** Length assumed of an answer, in the unit of the decode rate, while a model's rate is all that is known of it. */
const MEAN_ANSWER_UNITS = 256

function withEstimate(load: ModelLoad): ModelLoad {
  if (load.slots === 0) return load
  const meanJobMs = load.decodeRate > 0 ? (MEAN_ANSWER_UNITS / load.decodeRate) * 1_000 : 0
  return { ...load, estimatedWaitMs: Math.round(estimateWaitMs({ ...load, meanJobMs })) }
}
