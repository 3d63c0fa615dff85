/**
 * What everyone is told by and by: where the queue stands, who works, and what is wrong. The socket that asked is told
 * at once; told to all others at every query, a thousand sockets would be told a million times.
 */
import type { Clock } from '../../../core/run/clock.ts'
import { noticeTold } from '../messages/told.ts'
import type { RealmConnectionManager, RealmMember } from '../realm-connection-manager.ts'
import type { HouseView } from './house-view.ts'
import type { WorkerRow } from './worker-rows.ts'
import { modelsTold, workersTold } from './workers-told.ts'

/** How often everyone hears of the queue, where it has changed: as the original repeats it. */
export const QUEUE_NEWS_MS = 1_000

/** How often everyone hears of workers, where these have changed: each time the page forgets the choice of its user. */
export const WORKER_NEWS_MS = 60_000

/** How often what is wrong is looked for: as the original's watchdog. */
export const WARNING_MS = 300_000

export interface HouseNewsComponents {
  readonly connections: RealmConnectionManager<RealmMember>
  readonly view: HouseView
  readonly clock: Pick<Clock, 'after' | 'monotonic'>
}

export class HouseNews {
  readonly #to: HouseNewsComponents
  #cancel: (() => void) | undefined
  #queue = ''
  #told = ''
  #toldAt = 0
  #warnedAt = 0
  #before: readonly WorkerRow[] = []

  constructor(components: HouseNewsComponents) {
    this.#to = components
  }

  /** A socket was opened: from now on there are users to tell. */
  wake(): void {
    if (this.#cancel !== undefined) return
    this.#told = this.#workersNow()
    this.#queue = textOf(this.#to.view.queue)
    this.#toldAt = this.#warnedAt = this.#to.clock.monotonic()
    this.#before = this.#to.view.workers
    this.#arm()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** Tells of workers and models now. */
  tellWorkers(): void {
    const { view, connections, clock } = this.#to
    view.changed()
    this.#told = this.#workersNow()
    this.#toldAt = clock.monotonic()
    connections.broadcast(workersTold(view))
    connections.broadcast(modelsTold(view))
  }

  #arm(): void {
    this.#cancel = this.#to.clock.after(QUEUE_NEWS_MS, () => {
      this.#cancel = undefined
      if (this.#to.connections.size === 0) return
      this.#look()
      this.#arm()
    })
  }

  #look(): void {
    const { view, connections, clock } = this.#to
    const { queue } = view
    const now = clock.monotonic()
    const text = textOf(queue)
    if (text !== this.#queue) connections.broadcast(queue, { passing: true })
    this.#queue = text
    if (now - this.#toldAt >= WORKER_NEWS_MS && this.#workersNow() !== this.#told) this.tellWorkers()
    if (now - this.#warnedAt < WARNING_MS) return
    this.#warnedAt = now
    for (const warning of newTroubles(this.#before, view.workers)) connections.broadcast(noticeTold(warning))
    this.#before = view.workers
  }

  /** What the page would show anew; health and times change with every look. */
  #workersNow(): string {
    const { workers, models } = this.#to.view
    return JSON.stringify([workers.map(({ name, type, is_blacklisted: out }) => [name, type, out]), models])
  }
}

function textOf({ depth, total }: HouseView['queue']): string {
  return `${depth} ${total}`
}

/** Types without which the original warns. */
const WATCHED = ['chat', 'imagine'] as const

/** What got worse, in the original's words. Pure. */
export function newTroubles(before: readonly WorkerRow[], now: readonly WorkerRow[]): readonly string[] {
  const healthy = (rows: readonly WorkerRow[], type: string): boolean =>
    rows.some((row) => row.type === type && !row.is_blacklisted)
  const gone = WATCHED.filter((type) => healthy(before, type) && !healthy(now, type))
  const out = now.filter(
    (row) => row.is_blacklisted && before.some(({ name, is_blacklisted: was }) => name === row.name && !was),
  )
  return [
    ...gone.map((type) => `WARNING: No healthy ${type.toUpperCase()} workers available`),
    ...out.map(({ name }) => `WARNING: Worker ${name} has been blacklisted`),
  ]
}
