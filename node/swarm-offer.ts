/** What this node offers to others, in the words of its card; and whether a model fits a query. */

import type { ModelLoad } from '../core/load.ts'
import type { Model } from '../core/model.ts'
import { isAutoModel, sameModel } from '../core/model-name.ts'
import type { Query } from '../core/query.ts'
import type { CardModel, CardRealm } from '../protocols/card/card.ts'
import { misfit, needsOf } from '../workers/query-needs.ts'
import { ownLoad } from './own-load.ts'
import type { RealmRegistry } from './realm-registry.ts'

/** What others know of us. */
export interface SwarmOffer {
  readonly realms: () => readonly CardRealm[]
  readonly models: () => readonly CardModel[]
  /** Load per model, queues included. */
  readonly loads: () => readonly ModelLoad[]
  /** Whether a model that somebody offers could serve the query. */
  fits(model: Model, query: Query): boolean
}

/** Reads the registry anew at each call. */
export function swarmOffer(realms: Pick<RealmRegistry, 'list'>): SwarmOffer {
  return {
    realms: () => realms.list().map(({ config }) => ({ name: config.name, queryType: config.primaryQueryType })),
    models: () =>
      realms
        .list()
        .flatMap(({ config, workers }) =>
          workers.models('home').map(({ model, slots }) => ({ realm: config.name, model, slots })),
        ),
    loads: () => ownLoad(realms.list(), 'home'),
    fits: (model, query) =>
      (isAutoModel(query.model) || sameModel(model.name, query.model)) &&
      model.types.includes(query.type) &&
      misfit(model, needsOf(query)) === undefined,
  }
}
