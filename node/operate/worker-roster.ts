/**
 * Keeps the node's workers as the configuration wants them: those it names, those that are found on this host, and the built-ins. A
 * change is applied while queries run: workers that did not change are not touched, one that goes finishes what it runs.
 */
import { isDeepStrictEqual } from 'node:util'
import type { RealmeshConfig } from '../../config/config.ts'
import type { WorkerConfig } from '../../config/schema/worker-schema.ts'
import type { Logger } from '../../core/logger.ts'
import { BUILTIN_KINDS } from '../../core/model/engine-kind.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Startable } from '../../core/run/startable.ts'
import { createEngine } from '../../engines/engine-kinds.ts'
import type { WorkerPool } from '../../workers/pool/worker-pool.ts'
import type { EngineFinder } from './engine-finder.ts'
import { addressedWorkers, plannedWorker } from './worker-plan.ts'

export interface WorkerRosterComponents {
  readonly pool: WorkerPool
  readonly finder: EngineFinder
  readonly log: Logger
}

export class WorkerRoster implements Startable {
  readonly #components: WorkerRosterComponents
  #config: RealmeshConfig
  #applying: Promise<void> = Promise.resolve()

  constructor(components: WorkerRosterComponents, config: RealmeshConfig) {
    this.#components = components
    this.#config = config
  }

  /** Resolves after the first look at every engine. Throws what is wrong with a configured worker's key or kind. */
  async start(): Promise<void> {
    const { pool, finder } = this.#components
    const { node, workers } = this.#config
    const planned = [...(await Promise.all(workers.map(plannedWorker))), ...addressedWorkers(node.engines)]
    for (const { engine, settings } of planned) await pool.add(engine, settings)
    if (node.builtin) await this.#addBuiltins()
    await pool.start()
    if (!node.detect) return
    await finder.start()
    await finder.settled()
  }

  async stop(): Promise<void> {
    await this.#components.finder.stop()
    await this.#applying
    await this.#components.pool.stop()
  }

  /** Makes the named workers what `config` says. Throws before anything changed when a worker's key or kind is wrong. */
  async apply(config: RealmeshConfig): Promise<void> {
    const before = this.#config
    const changed = config.workers.filter((worker) => !isDeepStrictEqual(worker, find(before, worker.name)))
    const planned = await Promise.all(changed.map(plannedWorker))
    this.#config = config
    const gone = before.workers.filter(({ name }) => find(config, name) === undefined)
    this.#applying = this.#exchange(
      before,
      gone.map(({ name }) => name),
      planned,
    )
    await this.#applying
  }

  async #exchange(
    before: RealmeshConfig,
    gone: readonly string[],
    planned: readonly Awaited<ReturnType<typeof plannedWorker>>[],
  ): Promise<void> {
    const { pool } = this.#components
    for (const { engine, settings } of planned) {
      const known = pool.get(settings.name)
      const old = find(before, settings.name)
      const sameEngine =
        known !== undefined && old !== undefined && known.engine.url === engine.url && known.engine.kind === engine.kind
      if (sameEngine) {
        await engine.close()
        pool.configure(settings)
        continue
      }
      if (known !== undefined) await pool.remove(settings.name)
      await pool.add(engine, settings)
    }
    await Promise.all(gone.map((name) => this.#remove(name)))
  }

  async #remove(name: string): Promise<void> {
    const { pool, log } = this.#components
    await pool.remove(name).catch((thrown: unknown) => {
      log.warn({ worker: name, code: toRealmeshError(thrown).code }, 'a worker that was taken out did not end cleanly')
    })
  }

  async #addBuiltins(): Promise<void> {
    for (const kind of BUILTIN_KINDS) await this.#components.pool.add(createEngine({ kind, url: '' }), { name: kind })
  }
}

function find(config: RealmeshConfig, name: string): WorkerConfig | undefined {
  return config.workers.find((worker) => worker.name === name)
}
