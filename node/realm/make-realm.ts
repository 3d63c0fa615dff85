/** Builds a realm's parts around its configuration. */
import type { Clock } from '../../core/run/clock.ts'
import { RealmWorkerManager } from '../../workers/pool/realm-worker-manager.ts'
import type { WorkerPool } from '../../workers/pool/worker-pool.ts'
import { RealmQueryProcessor } from './realm-query-processor.ts'
import type { MakeRealm } from './realm-registry.ts'

export interface MakeRealmComponents {
  readonly pool: WorkerPool
  readonly clock: Clock
}

/** `node`: this node's peer id. */
export function realmMaker({ pool, clock }: MakeRealmComponents, { node }: { readonly node: string }): MakeRealm {
  return (config, types) => {
    const { name: realm, strategy, minWorkers, maxWorkers, models, pools, queue, concurrency } = config
    const workers = new RealmWorkerManager(
      { pool },
      { realm, queryTypes: types, node, strategy, minWorkers, maxWorkers, models, pools },
    )
    const processor = new RealmQueryProcessor(
      { workers, clock },
      {
        realm,
        maxWaitMs: queue.maxWaitMs,
        maxLength: queue.maxLength,
        ...(concurrency === undefined ? {} : { concurrency }),
      },
    )
    return { config, types, workers, processor }
  }
}
