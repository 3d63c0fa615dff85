/** Looks for engines on this host at the start and from time to time, and makes workers of those that nobody configured. */

import type { Logger } from '../../core/logger.ts'
import type { EngineKind } from '../../core/model/engine-kind.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { type Detection, detectEngines } from '../../engines/detect-engines.ts'
import { createEngine } from '../../engines/engine-kinds.ts'
import type { WorkerPool } from '../../workers/pool/worker-pool.ts'
import { workerName } from './worker-plan.ts'

/** An engine that is started later is found within a minute; a look costs a few dozen refused connects on loopback. */
const LOOK_EVERY_MS = 60_000

export interface EngineFinderComponents {
  readonly pool: Pick<WorkerPool, 'add' | 'list'>
  readonly clock: Clock
  readonly log: Logger
  /** @default the real detection */
  readonly detect?: (options: { readonly signal: AbortSignal }) => Promise<Detection>
}

export class EngineFinder implements Startable {
  readonly #components: EngineFinderComponents
  #life = new AbortController()
  #cancel = (): void => {}
  #looking: Promise<void> = Promise.resolve()

  constructor(components: EngineFinderComponents) {
    this.#components = components
  }

  /** Begins the first look and returns. */
  async start(): Promise<void> {
    this.#life = new AbortController()
    this.#looking = this.#look()
  }

  async stop(): Promise<void> {
    this.#life.abort()
    this.#cancel()
    await this.#looking
  }

  /** Resolves when the look that is under way has ended. */
  async settled(): Promise<void> {
    await this.#looking
  }

  async #look(): Promise<void> {
    const { signal } = this.#life
    const { log, clock } = this.#components
    try {
      const detect = this.#components.detect ?? ((options) => detectEngines({}, options))
      for (const { kind, url } of (await detect({ signal })).found) await this.#adopt(kind, url)
    } catch (thrown) {
      if (signal.aborted) return
      const { code, message } = toRealmeshError(thrown)
      log.warn({ code }, `looking for engines failed: ${message}`)
    }
    if (signal.aborted) return
    this.#cancel = clock.after(LOOK_EVERY_MS, () => {
      this.#looking = this.#look()
    })
  }

  async #adopt(kind: EngineKind, url: string): Promise<void> {
    const { pool, log } = this.#components
    const engine = createEngine({ kind, url })
    const known = pool.list().some((worker) => worker.engine.url === engine.url)
    if (known || this.#life.signal.aborted) {
      await engine.close()
      return
    }
    log.info({ kind, url }, 'engine found')
    await pool.add(engine, { name: workerName(kind, url) })
  }
}
