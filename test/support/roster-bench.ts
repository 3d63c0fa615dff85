/** A roster over a real pool, with engines that are fakes and a machine on which the test decides what is found. */
import type { RealmeshConfig } from '../../config/config.ts'
import { resolveConfig } from '../../config/file/resolve-config.ts'
import { fileSchema } from '../../config/schema/file-schema.ts'
import { type Logger, silentLogger } from '../../core/logger.ts'
import type { EngineKind } from '../../core/model/engine-kind.ts'
import type { EngineSpec } from '../../engines/engine-kinds.ts'
import { LOOK_EVERY_MS } from '../../node/roster/engine-finder.ts'
import { WorkerRoster } from '../../node/roster/worker-roster.ts'
import { WorkerPool } from '../../workers/pool/worker-pool.ts'
import { FakeEngine } from './fake-engine.ts'
import { ManualClock } from './manual-clock.ts'

export interface RosterFile {
  readonly node?: object
  readonly [section: string]: unknown
}

/** A file's text as an object, without built-ins and, unless it says otherwise, with detection. */
export function rosterConfig(file: RosterFile = {}): RealmeshConfig {
  const values = fileSchema.parse({ ...file, node: { builtin: false, ...file.node } })
  return resolveConfig(values, { federationId: 'federation_00000001' })
}

/** An engine that was made, and what it was made from. */
export interface MadeEngine {
  readonly spec: EngineSpec
  readonly engine: FakeEngine
}

export class RosterBench {
  readonly clock = new ManualClock()
  readonly pool = new WorkerPool({ clock: this.clock })
  /** In the order in which they were made. */
  readonly made: MadeEngine[] = []
  readonly warnings: string[] = []
  readonly roster: WorkerRoster
  /** What the next look finds. */
  found: readonly { readonly kind: EngineKind; readonly url: string }[] = []
  /** Called before each engine is made; may throw. */
  onCreate: (spec: EngineSpec) => void = () => {}
  /** Called in each look; may take its time. */
  onLook: () => Promise<void> = async () => {}

  constructor(config: RealmeshConfig) {
    const log: Logger = { ...silentLogger, warn: (_fields, message) => this.warnings.push(message) }
    this.roster = new WorkerRoster(
      {
        pool: this.pool,
        clock: this.clock,
        log,
        detect: async () => {
          await this.onLook()
          return { found: this.found.map((engine) => ({ ...engine, fingerprint: '/' })) }
        },
        create: (spec) => {
          this.onCreate(spec)
          const engine = new FakeEngine({ kind: spec.kind, url: spec.url })
          this.made.push({ spec, engine })
          return engine
        },
      },
      config,
    )
  }

  /** Lets the finder look again, and waits for what becomes of it. */
  async look(): Promise<void> {
    this.clock.advance(LOOK_EVERY_MS)
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate)
  }

  /** Engines that were made and not closed. */
  get open(): readonly MadeEngine[] {
    return this.made.filter(({ engine }) => !engine.closed)
  }

  get names(): readonly string[] {
    return this.pool.list().map(({ name }) => name)
  }

  /** The reason in the status of the worker of this name. */
  reason(name: string): string | undefined {
    return this.roster.status().find((worker) => worker.name === name)?.reason
  }
}
