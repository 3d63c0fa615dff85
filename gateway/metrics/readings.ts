/** What is read off the node for Prometheus: a name, a word of help, and where it stands. */
import type { WorkerStatus } from '../../core/model/worker.ts'
import type { NodeStatus, RealmStatus } from '../../node/api/node-api.ts'

type Arrival = NonNullable<NodeStatus['waysIn']['first']>

/** Counters only rise, from the start of the node, which has counted them itself. */
export type ReadingKind = 'gauge' | 'counter'

export interface Reading<T> {
  readonly name: string
  readonly help: string
  readonly kind: ReadingKind
  readonly value: (of: T) => number
}

/** What one realm has of sockets. */
export interface RealmTraffic {
  readonly connections: number
  /** Most at once. */
  readonly peakConnections: number
  readonly messagesProcessed: number
}

/** A realm with its sockets. */
export interface ReadRealm extends RealmStatus {
  readonly traffic: RealmTraffic
}

type Row<T> = readonly [name: string, help: string, value: (of: T) => number]

const gauges = <T>(rows: readonly Row<T>[]): readonly Reading<T>[] => readings('gauge', rows)
const counters = <T>(rows: readonly Row<T>[]): readonly Reading<T>[] => readings('counter', rows)

function readings<T>(kind: ReadingKind, rows: readonly Row<T>[]): readonly Reading<T>[] {
  return rows.map(([name, help, value]) => ({ kind, name, help, value }))
}

export const NODE_READINGS: readonly Reading<NodeStatus>[] = [
  ...gauges<NodeStatus>([
    ['realmesh_uptime_seconds', 'Seconds since the node began', (node) => node.uptimeMs / 1_000],
    ['realmesh_peers_connected', 'Nodes that are connected', (node) => node.peers.connected],
    ['realmesh_peers_known', 'Nodes that are known', (node) => node.peers.known],
    ['realmesh_peers_denied', 'Nodes that are shut out, 100 at most are told', (node) => node.peers.denied.length],
    ['realmesh_queries_running', 'Own queries that run', (node) => node.queries.running],
    ['realmesh_hedges_saved', 'Second tries that may be made now', (node) => node.hedges.saved],
    ['realmesh_warnings', 'Things that the operator should know', (node) => node.warnings.length],
    [
      'realmesh_degraded',
      '1 while all answers have come from other nodes for too long',
      (node) => Number(node.degraded),
    ],
    ['realmesh_draining', '1 while the node takes no new queries', (node) => Number(node.draining)],
  ]),
  ...counters<NodeStatus>([
    ['realmesh_queries_served_total', 'Own queries that were answered', (node) => node.queries.served],
    ['realmesh_queries_failed_total', 'Own queries that failed', (node) => node.queries.failed],
    ['realmesh_queries_forwarded_total', 'Own queries that other nodes answered', (node) => node.queries.forwarded],
    [
      'realmesh_cross_realm_queries_total',
      'Own queries that a backup realm answered',
      (node) => node.routing.cross_realm_queries,
    ],
    [
      'realmesh_cross_federation_queries_total',
      'Own queries that another federation answered',
      (node) => node.routing.cross_federation_queries,
    ],
    ['realmesh_failed_routes_total', 'Own queries for which no place was found', (node) => node.routing.failed_routes],
    [
      'realmesh_hedges_made_total',
      'Second nodes that were asked because the first was slow to begin',
      (node) => node.hedges.made,
    ],
  ]),
]

export const REALM_READINGS: readonly Reading<ReadRealm>[] = [
  ...gauges<ReadRealm>([
    ['realmesh_realm_workers', 'Workers that can be used', (realm) => realm.workers],
    ['realmesh_realm_slots', 'Queries that can run at once', (realm) => realm.slots],
    ['realmesh_realm_running', 'Queries that run', (realm) => realm.running],
    ['realmesh_realm_queued', 'Queries that wait', (realm) => realm.queued],
    ['realmesh_realm_avg_processing_time_seconds', 'Average time of a query', (realm) => realm.avgProcessingTime],
    ['rentahal_processing_time_seconds', 'Average time of a query', (realm) => realm.avgProcessingTime],
    ['rentahal_connections', 'Sockets of clients', ({ traffic }) => traffic.connections],
  ]),
  ...counters<ReadRealm>([
    ['realmesh_realm_processed_queries_total', 'Queries that were answered', (realm) => realm.processedQueries],
    ['realmesh_realm_error_count_total', 'Queries that failed', (realm) => realm.errorCount],
    ['rentahal_queries_total', 'Queries that were answered', (realm) => realm.processedQueries],
    ['rentahal_errors_total', 'Queries that failed', (realm) => realm.errorCount],
  ]),
]

export const WORKER_READINGS: readonly Reading<WorkerStatus>[] = gauges<WorkerStatus>([
  ['realmesh_worker_healthy', '1 while it can take a query', (worker) => Number(worker.healthy)],
  ['realmesh_worker_slots', 'Queries that it can run at once', (worker) => worker.slots],
  ['realmesh_worker_running', 'Queries that it runs', (worker) => worker.running],
])

/** Of the way in that brought the first peer; no series while there was none. */
export const WAY_READINGS: readonly Reading<Arrival>[] = gauges<Arrival>([
  ['realmesh_first_peer_seconds', 'Seconds from the start to the first peer', ({ afterMs }) => afterMs / 1_000],
])
