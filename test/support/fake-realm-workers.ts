import type { Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { RunQuery } from '../../core/run/run-query.ts'
import type { RealmWorkers } from '../../node/realm/realm-query-processor.ts'
import type { ReserveOptions } from '../../workers/pool/realm-worker-manager.ts'
import type { WorkerLease } from '../../workers/pool/worker-lease.ts'

/** Answers with `hello` and an end. */
export const answersHello: RunQuery = async function* (): AsyncGenerator<QueryEvent> {
  yield { kind: 'start', node: 'me', worker: 'w', engine: 'fake', model: 'tiny' }
  yield { kind: 'text', text: 'hello' }
  yield { kind: 'end', finishReason: 'stop' }
}

/** A realm's workers under the control of a test: named workers with a number of slots and a run each. */
export class FakeRealmWorkers implements RealmWorkers {
  readonly #workers: Map<string, { slots: number; running: number; run: RunQuery }>
  readonly #listeners = new Set<() => void>()
  /** Mean length of a job that `capacity` tells. */
  meanJobMs = 1_000
  most = 0
  /** How often a slot, and the capacity, was asked for. */
  asked = 0
  /** How often a query of a batch was to give way. */
  roomAsked = 0

  constructor(workers: Record<string, { slots?: number; run?: RunQuery }>) {
    this.#workers = new Map(
      Object.entries(workers).map(([name, { slots = 1, run = answersHello }]) => [name, { slots, running: 0, run }]),
    )
  }

  get running(): number {
    return [...this.#workers.values()].reduce((sum, worker) => sum + worker.running, 0)
  }

  get listeners(): number {
    return this.#listeners.size
  }

  reserve(_query: Query, { exclude }: ReserveOptions): WorkerLease | undefined {
    this.asked += 1
    for (const [name, worker] of this.#workers) {
      if (exclude?.has(name) || worker.running >= worker.slots) continue
      worker.running += 1
      this.most = Math.max(this.most, this.running)
      return {
        worker: name,
        engine: 'fake',
        model: 'tiny',
        run: worker.run,
        release: () => {
          worker.running -= 1
          for (const listener of this.#listeners) listener()
        },
      }
    }
    return undefined
  }

  makeRoom(): boolean {
    this.roomAsked += 1
    return false
  }

  capacity(): { slots: number; running: number; meanJobMs: number } {
    this.asked += 1
    const slots = [...this.#workers.values()].reduce((sum, worker) => sum + worker.slots, 0)
    return { slots, running: this.running, meanJobMs: this.meanJobMs }
  }

  onSlotFree(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
