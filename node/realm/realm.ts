/** A realm as it runs: its view of the workers, and its queue in front of them. */
import type { RealmConfig } from '../../config/schema/realm-schema.ts'
import { defined } from '../../core/defined.ts'
import type { Query, QueryType } from '../../core/query/query.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { LocalOption } from '../../routing/offers/route-question.ts'
import { RealmHosts } from '../../workers/pool/realm-hosts.ts'
import { RealmWorkerManager, type ReserveOptions } from '../../workers/pool/realm-worker-manager.ts'
import type { WorkerPool } from '../../workers/pool/worker-pool.ts'
import { RealmQueryProcessor } from './realm-query-processor.ts'

export interface RealmComponents {
  readonly pool: WorkerPool
  readonly clock: Clock
  /** A query began or ended here: the load has changed. */
  readonly onLoadChange: () => void
}

export interface RealmInit {
  readonly config: RealmConfig
  /** Types of query that it serves: its own, and those that fall to it because no realm names them. */
  readonly types: readonly QueryType[]
  /** This node's peer id. */
  readonly node: string
}

export class Realm {
  readonly config: RealmConfig
  readonly types: readonly QueryType[]
  readonly workers: RealmWorkerManager
  /** Hosts of other federations, for own queries that nothing else can serve. */
  readonly hosts: RealmHosts
  readonly processor: RealmQueryProcessor

  constructor({ pool, clock, onLoadChange }: RealmComponents, { config, types, node }: RealmInit) {
    const { name: realm, strategy, minWorkers, maxWorkers, models, pools, queue, concurrency } = config
    this.config = config
    this.types = types
    this.workers = new RealmWorkerManager(
      { pool },
      { realm, queryTypes: types, node, strategy, minWorkers, maxWorkers, models, pools },
    )
    this.hosts = new RealmHosts({ pool }, { realm, queryTypes: types, node, ...defined({ models }) })
    this.processor = new RealmQueryProcessor(
      { workers: this.workers, clock, onLoadChange },
      {
        realm,
        ...queue,
        ...defined({ concurrency }),
      },
    )
  }

  /**
   * The own workers as a candidate for the ranking, the queue in front of them included; undefined when none of them
   * can serve it.
   */
  localOption(query: Query, options: ReserveOptions): LocalOption | undefined {
    const place = this.workers.place(query, options)
    if (place === undefined) return undefined
    const { queued } = this.processor
    const free = queued === 0 && place.load.running < place.load.slots
    const estimatedWaitMs = free ? 0 : this.processor.estimateWaitMs(query, options.asker)
    return { ...place, load: { ...place.load, queued, estimatedWaitMs } }
  }

  /** Takes nothing new; resolves when what it accepted has ended, and nothing of it is left behind. */
  async drain(): Promise<void> {
    this.processor.drain()
    await this.processor.idle()
    this.close()
  }

  /** Ends what waits, and lets go of the workers. Twice is harmless. */
  close(): void {
    this.processor.close()
  }
}
