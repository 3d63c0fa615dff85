import type { Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { RealmRunOptions } from '../realm/realm-query-processor.ts'
import type { RouteJournal } from './route-journal.ts'

/** How one query is to be routed. */
export interface RouteOptions extends RealmRunOptions {
  /** Where everything that happens to the query is written down. */
  readonly journal: RouteJournal
  /** `false`: a broken answer ends with an error instead of going on elsewhere. Default true. */
  readonly continuation?: boolean
  /** Nodes that must not serve it. The router adds those that failed it. */
  readonly avoidNodes: Set<string>
  /** Own workers that failed it. */
  readonly avoidWorkers: Set<string>
}

/** A RunQuery that also knows the query's way so far: the router, and what is wrapped around it. */
export type RouteQuery = (query: Query, options: RouteOptions) => AsyncIterable<QueryEvent>
