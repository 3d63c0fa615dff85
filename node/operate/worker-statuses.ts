/** What the node tells of its workers: their own state, and whether a realm takes them at all. */
import type { WorkerStatus } from '../../core/model/worker.ts'
import type { Realm } from '../realm/realm.ts'
import type { WorkerRoster } from '../roster/worker-roster.ts'

export interface WorkerStatusComponents {
  readonly roster: Pick<WorkerRoster, 'status'>
  readonly realms: {
    list(): readonly {
      readonly config: Pick<Realm['config'], 'name' | 'maxWorkers'>
      readonly workers: Pick<Realm['workers'], 'membership'>
    }[]
  }
}

/** An engine that its realms leave out looks well and is never asked: its status says which realm's limit that is. */
export function workerStatuses({ roster, realms }: WorkerStatusComponents): readonly WorkerStatus[] {
  const memberships = realms.list().map(({ config, workers }) => ({ ...config, ...workers.membership }))
  return roster.status().map((worker) => {
    const leaving = memberships.filter(({ leftOut }) => leftOut.includes(worker.name))
    if (leaving.length === 0) return worker
    const taken = memberships.some((realm) => realm.taken.includes(worker.name))
    const limits = leaving.map(({ name, maxWorkers }) => `max_workers of ${name} is ${maxWorkers}`)
    return { ...worker, healthy: worker.healthy && taken, reason: worker.reason ?? `left out: ${limits.join('; ')}` }
  })
}
