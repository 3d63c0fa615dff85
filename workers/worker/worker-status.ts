/** A worker as people and programs that watch the node see it. */
import type { WorkerStatus } from '../../core/model/worker.ts'
import { ASKERS } from '../../core/scope.ts'
import type { Worker } from './worker.ts'

export function workerStatus(worker: Worker): WorkerStatus {
  const reason = worthKnowing(worker)
  const models = worker.models.all.map(({ name }) => name)
  return {
    name: worker.name,
    engine: worker.engine.kind,
    url: worker.engine.url,
    healthy: worker.refusal('own') === undefined,
    health: worker.vitals.health.score,
    slots: worker.slots.slots,
    running: worker.slots.running,
    models,
    decodeRate: Math.max(0, ...models.map((model) => worker.models.rates(model).decode ?? 0)),
    ...(reason !== undefined && { reason }),
  }
}

/**
 * Why it takes no queries of its owner, what is odd about it, or why the widest circle that it serves is not served
 * now.
 */
function worthKnowing(worker: Worker): string | undefined {
  if (worker.vitals.loading) return 'the engine loads its model'
  const widest = ASKERS.findLast((asker) => worker.serves(asker)) ?? 'own'
  return worker.refusal('own')?.reason ?? worker.silence ?? worker.refusal(widest)?.reason
}
