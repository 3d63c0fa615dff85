/** One worker for people and programs that watch the node. */
import type { Worker } from './worker.ts'

export interface WorkerStatus {
  readonly name: string
  readonly engine: string
  readonly url: string
  /** Whether it can take a query of this node, now or when a slot is free. */
  readonly healthy: boolean
  /** 0 to 100. */
  readonly health: number
  readonly slots: number
  /** Those that the engine runs for others included. */
  readonly running: number
  readonly models: readonly string[]
  /** Tokens (images) per second of its fastest model; 0 until measured. */
  readonly decodeRate: number
  /** Why it takes no queries, or only those of this node. */
  readonly reason?: string
}

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
