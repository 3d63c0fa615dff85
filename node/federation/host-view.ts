/** What an asker may have of this node: realms, workers and models that serve such askers. Hosts count for nothing. */
import { defined } from '../../core/defined.ts'
import { type Asker, type Scope, scopeReaches } from '../../core/scope.ts'
import { HOST_QUERY_TYPES } from '../../engines/rentahal-host/host-state.ts'
import type { WorkerPool } from '../../workers/pool/worker-pool.ts'
import type { HostModel, HostRealm, HostServices, HostView } from '../api/federation.ts'
import type { Realm } from '../realm/realm.ts'
import type { RealmRegistry } from '../realm/realm-registry.ts'
import { nodeTotal } from '../serve/own-load.ts'

export interface HostViewComponents {
  readonly realms: Pick<RealmRegistry, 'list'>
  readonly pool: Pick<WorkerPool, 'list'>
  /** Whose queries this node serves now. */
  readonly share: () => Scope
}

/** Types that hosts know of. */
const KNOWN: readonly string[] = HOST_QUERY_TYPES

export function hostView({ realms, pool, share }: HostViewComponents, asker: Asker): HostView {
  const list = realms.list()
  const workers = pool.list()
  const served = scopeReaches(share(), asker)
  const serving = served ? workers.filter((worker) => worker.real && worker.refusal(asker) === undefined) : []
  const countIn = ({ workers: { membership } }: Realm): number =>
    serving.filter(({ name }) => membership.taken.includes(name)).length
  const rows = list.map((realm) => realmRow(realm, countIn(realm)))
  return {
    realms: rows,
    models: served ? modelsFor(list, asker) : [],
    slots: served ? nodeTotal(list, workers, asker).slots : 0,
  }
}

function realmRow({ config, processor }: Realm, workers: number): HostRealm {
  const { processedQueries, errorCount, avgProcessingTime } = processor.counters
  return {
    name: config.name,
    type: config.primaryQueryType,
    workers,
    processed: processedQueries,
    errors: errorCount,
    avgProcessingTime,
  }
}

function modelsFor(realms: readonly Realm[], asker: Asker): readonly HostModel[] {
  const rows = realms.flatMap(({ workers }) =>
    workers
      .models(asker)
      .map(({ model: { name, types, contextLength } }): [string, HostModel] => [
        name,
        { name, types: types.filter((type) => KNOWN.includes(type)), ...defined({ contextLength }) },
      ]),
  )
  return [...new Map(rows).values()].filter(({ types }) => types.length > 0)
}

/** The same as an advertisement: the first realm of each type that has workers for such askers. */
export function servicesOf({ realms }: HostView): HostServices {
  const rows = realms.filter(({ type, workers }) => workers > 0 && KNOWN.includes(type)).toReversed()
  return Object.fromEntries(rows.map(({ type, name, workers }) => [type, { realm: name, workers }]))
}
