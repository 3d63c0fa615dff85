/** A worker as its status. */
import type { WorkerStatus } from '../../core/model/worker.ts'
import type { Worker } from './worker.ts'

export function workerStatus(worker: Worker): WorkerStatus {
  const { note } = worker
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
    ...(note !== undefined && { reason: note }),
  }
}
