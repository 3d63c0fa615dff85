/**
 * Engines that the owner took out. They get no worker by being found, until they are named again or the node is started
 * anew: an owner who removes a worker that had rules does not mean that its engine should go on without them.
 */
import type { RealmeshConfig } from '../../config/config.ts'
import { engineAddress } from '../../engines/engine-identity.ts'
import { type AbsentWorker, absentWorker, type EngineRef } from './absent-worker.ts'
import { limitsUse } from './worker-plan.ts'

const REASON = 'taken out by the owner: to use it again, name it under workers, or restart the node'

export class KeptOut {
  readonly #engines = new Map<string, AbsentWorker>()

  list(): readonly AbsentWorker[] {
    return [...this.#engines.values()]
  }

  /** Keeps the engine of the worker of this name out. Returns how to take that back. */
  add(name: string, engine: EngineRef): () => void {
    const worker = absentWorker(name, engine, REASON)
    const before = this.#engines.get(worker.address)
    this.#engines.set(worker.address, worker)
    return () => {
      if (before === undefined) this.#engines.delete(worker.address)
      else this.#engines.set(worker.address, before)
    }
  }

  /**
   * The configuration changes. Workers with rules that it names no more are kept out; engines that it newly names are
   * not.
   */
  follow(before: RealmeshConfig, after: RealmeshConfig): void {
    const was = namedAddresses(before)
    const is = namedAddresses(after)
    for (const address of is) if (!was.has(address)) this.#engines.delete(address)
    for (const worker of before.workers) {
      const gone = !is.has(engineAddress(worker.engine, worker.url))
      if (gone && limitsUse(worker)) this.add(worker.name, { kind: worker.engine, url: worker.url })
    }
  }

  clear(): void {
    this.#engines.clear()
  }
}

/** Addresses of all engines that a configuration names. */
function namedAddresses({ workers, node }: RealmeshConfig): ReadonlySet<string> {
  const named = workers.map(({ engine, url }) => engineAddress(engine, url))
  return new Set([...named, ...node.engines.map(({ kind, url }) => engineAddress(kind, url))])
}
