/** The only place that chooses between here and elsewhere: what its queries share, and what is counted of them. */

import { isBatch, type Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { relayedRun } from '../../core/run/relayed-run.ts'
import { HOSTS, isByWorkers, isForeign, type Place, type Places } from './places.ts'
import type { RouteOptions } from './route-journal.ts'
import { RoutedQuery, type RoutedQueryComponents } from './routed-query.ts'

export interface FederationRouterComponents extends RoutedQueryComponents {
  readonly places: RoutedQueryComponents['places'] & Pick<Places, 'noteAffinity'>
  /** Told of the realm of a query that another realm answered. */
  readonly onCrossRealm?: (realm: string) => void
}

export interface FederationRouterInit {
  /** This node's peer id, for the journal. */
  readonly node: string
  /**
   * Longest wait for a place when all are full. Default 30,000 ms: a person still waits, a program has not timed out.
   */
  readonly maxWaitMs?: number
}

/** Counted under RENT-A-HAL's names. */
export interface RouterCounters {
  cross_realm_queries: number
  cross_federation_queries: number
  failed_routes: number
}

export class FederationRouter {
  readonly counters: RouterCounters = { cross_realm_queries: 0, cross_federation_queries: 0, failed_routes: 0 }
  readonly #components: FederationRouterComponents
  readonly #init: Required<FederationRouterInit>

  constructor(components: FederationRouterComponents, { node, maxWaitMs = 30_000 }: FederationRouterInit) {
    this.#components = components
    this.#init = { node, maxWaitMs }
  }

  /** Routes one query. A RouteQuery. */
  route(query: Query, options: RouteOptions): AsyncGenerator<QueryEvent, void> {
    const { node: self, maxWaitMs } = this.#init
    return relayedRun(
      new RoutedQuery(this.#components, {
        query,
        options,
        self,
        maxWaitMs,
        onServed: (place, firstEventMs) => this.#noteServed(query, place, firstEventMs),
        onGivenUp: ({ code }) => {
          if (code !== 'CANCELLED' && !isBatch(query)) this.counters.failed_routes += 1
        },
      }),
    )
  }

  #noteServed(query: Query, place: Place, firstEventMs: number | undefined): void {
    if (place.realm !== query.realm) {
      this.counters.cross_realm_queries += 1
      this.#components.onCrossRealm?.(query.realm)
    }
    if (place.node === HOSTS) this.counters.cross_federation_queries += 1
    if (isByWorkers(place)) return
    if (isForeign(place.relation)) this.counters.cross_federation_queries += 1
    const { hedges, places } = this.#components
    if (firstEventMs !== undefined && !isBatch(query)) hedges.noteFirstEvent(place.model, firstEventMs)
    places.noteAffinity(query, place.node)
  }
}
