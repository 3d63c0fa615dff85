/** A realm's workers over a real pool, with engines that are fakes. */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { WorkerSettings } from '../../workers/owner/worker-settings.ts'
import { RealmWorkerManager, type RealmWorkerManagerInit } from '../../workers/pool/realm-worker-manager.ts'
import { WorkerPool } from '../../workers/pool/worker-pool.ts'
import { FakeEngine } from './fake-engine.ts'
import { ManualClock } from './manual-clock.ts'

/** The realm of the managers, where a test says nothing else. */
export const CHAT = { realm: '$CHAT', queryTypes: ['chat', 'vision'], node: 'me' } as const
/** Capabilities of a model that sees. */
export const SEES = { vision: true, tools: false, reasoning: false, structured: false, prefill: false }

export class RealmBench {
  readonly clock = new ManualClock()
  readonly pool = new WorkerPool({ clock: this.clock })

  static async start(): Promise<RealmBench> {
    const bench = new RealmBench()
    await bench.pool.start()
    return bench
  }

  async stop(): Promise<void> {
    await this.pool.stop()
  }

  /** A manager that draws the first of equals. */
  manager(init: Partial<RealmWorkerManagerInit> = {}): RealmWorkerManager {
    return new RealmWorkerManager({ pool: this.pool, rng: () => 0 }, { ...CHAT, ...init })
  }

  /** A worker of this name, with the engine that is returned. */
  async add(
    name: string,
    init: ConstructorParameters<typeof FakeEngine>[0] = {},
    settings: Partial<WorkerSettings> = {},
  ): Promise<FakeEngine> {
    const engine = new FakeEngine(init)
    await this.pool.add(engine, { name, ...settings })
    return engine
  }

  /** Lets the engine go down, and the pool notice it. */
  async kill(engine: FakeEngine): Promise<void> {
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    engine.trouble = new RealmeshError('ENGINE_FAILED', 'gone', { cause })
    await this.pool.check()
  }
}
