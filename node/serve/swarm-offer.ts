/** What this node offers to others, in the words of its card; and whether a model fits a query. */

import type { ModelLoad, NodeTotal } from '../../core/model/load.ts'
import type { Model } from '../../core/model/model.ts'
import { canonicalModelName, isAutoModel, sameModel } from '../../core/model/model-name.ts'
import type { Query } from '../../core/query/query.ts'
import type { Asker, Scope } from '../../core/scope.ts'
import type { CardModel, CardRealm } from '../../protocols/card/card.ts'
import { misfit, needsOf } from '../../workers/pool/query-needs.ts'
import type { WorkerPool } from '../../workers/pool/worker-pool.ts'
import type { RealmRegistry } from '../realm/realm-registry.ts'
import { nodeTotal, ownLoad } from './own-load.ts'

/** What others know of us. */
export interface SwarmOffer {
  readonly realms: () => readonly CardRealm[]
  readonly models: () => readonly CardModel[]
  /** Load per model, queues included. */
  readonly loads: () => readonly ModelLoad[]
  /** Load of the whole node, each worker once. */
  readonly total: () => NodeTotal
  /** Whether a model that a node offers could serve the query. */
  fits(model: Model, query: Query): boolean
}

/** As whom the widest circle of a share asks: what is only for closer ones is not offered to all. */
const WIDEST_ASKER: Readonly<Record<Scope, Asker | undefined>> = {
  local: undefined,
  home: 'home',
  friends: 'friend',
  public: 'stranger',
}

/** Reads the registry anew at each call. */
export function swarmOffer(
  realms: Pick<RealmRegistry, 'list'>,
  pool: Pick<WorkerPool, 'list'>,
  share: () => Scope,
): SwarmOffer {
  return {
    realms: () => realms.list().map(({ config }) => ({ name: config.name, queryType: config.primaryQueryType })),
    models: () => {
      const asker = WIDEST_ASKER[share()]
      if (asker === undefined) return []
      return realms
        .list()
        .flatMap(({ config, workers }) =>
          workers.models(asker).map(({ model, slots }) => ({ realm: config.name, model, slots })),
        )
    },
    loads: () => {
      const asker = WIDEST_ASKER[share()]
      return asker === undefined ? [] : withDown(ownLoad(realms.list(), asker), pool)
    },
    total: () => {
      const asker = WIDEST_ASKER[share()]
      return asker === undefined ? { slots: 0, running: 0, queued: 0 } : nodeTotal(realms.list(), pool.list(), asker)
    },
    fits: (model, query) =>
      (isAutoModel(query.model) || sameModel(model.name, query.model)) &&
      model.types.includes(query.type) &&
      misfit(model, needsOf(query)) === undefined,
  }
}

/** A model whose engine is down is said to have no slots: left out, it would only count as unknown. */
function withDown(loads: readonly ModelLoad[], pool: Pick<WorkerPool, 'list'>): readonly ModelLoad[] {
  const said = new Set(loads.map(({ model }) => model))
  const down = pool
    .list()
    .flatMap((worker) => (worker.real ? worker.models.all.map(({ name }) => canonicalModelName(name)) : []))
    .filter((model) => !said.has(model))
  return [...loads, ...[...new Set(down)].map(noSlots)]
}

function noSlots(model: string): ModelLoad {
  return { model, slots: 0, running: 0, queued: 0, estimatedWaitMs: 0, decodeRate: 0, prefillRate: 0, warm: false }
}
