/** This node's load per model, over all its realms: what load records and replies say. Pure. */
import type { ModelLoad } from '../../core/model/load.ts'
import { canonicalModelName, isAutoModel } from '../../core/model/model-name.ts'
import type { Asker } from '../../core/scope.ts'
import { estimateWaitMs } from '../realm/admission.ts'

/** What one realm contributes. */
export interface RealmLoadSource {
  readonly workers: { loads(asker: Asker): readonly ModelLoad[] }
  readonly processor: { readonly queued: number; queuedByModel(): ReadonlyMap<string, number> }
}

/** One row per model that `asker` may have: the slots and rates of the workers, and the queue in front of them. */
export function ownLoad(realms: readonly RealmLoadSource[], asker: Asker): readonly ModelLoad[] {
  const byModel = new Map<string, ModelLoad>()
  for (const { workers, processor } of realms) {
    const queued = processor.queued === 0 ? undefined : queuedByCanonical(processor.queuedByModel())
    for (const load of workers.loads(asker)) {
      const row =
        queued === undefined ? load : { ...load, queued: (queued.get(load.model) ?? 0) + (queued.get('') ?? 0) }
      const other = byModel.get(load.model)
      // The same worker in two realms: its slots are the same ones, the queues in front of them add up.
      byModel.set(load.model, other === undefined ? row : { ...row, queued: row.queued + other.queued })
    }
  }
  return [...byModel.values()].map(withEstimate)
}

/** Queued queries by canonical model; those that take any model stand under `''`. */
function queuedByCanonical(counts: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const canonical = new Map<string, number>()
  for (const [name, count] of counts) {
    const key = isAutoModel(name) ? '' : canonicalModelName(name)
    canonical.set(key, (canonical.get(key) ?? 0) + count)
  }
  return canonical
}

/** Length assumed of an answer, in the unit of the decode rate, while a model's rate is all that is known of it. */
const MEAN_ANSWER_UNITS = 256

function withEstimate(load: ModelLoad): ModelLoad {
  if (load.slots === 0) return load
  const meanJobMs = load.decodeRate > 0 ? (MEAN_ANSWER_UNITS / load.decodeRate) * 1_000 : 0
  return { ...load, estimatedWaitMs: Math.round(estimateWaitMs({ ...load, meanJobMs })) }
}
