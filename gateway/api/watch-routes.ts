/**
 * What watchers of the node ask: `GET /health`, which needs no key, and `GET /metrics`, the node's state as Prometheus
 * reads it, collected at the moment of asking. No prompt, key or user is among it.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Gauge, Registry } from 'prom-client'
import type { NodeApi, NodeStatus, RealmStatus } from '../../node/api/node-api.ts'
import { requireKey } from '../door/door.ts'
import type { GatewayContext } from '../request/gateway-context.ts'

/** Registers both paths on `app`. */
export function watchRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.get('/health', healthRoute(context))
  app.register(async (metrics) => {
    requireKey(metrics, context.keys)
    metrics.get('/metrics', metricsRoute(context.node))
  })
}

type Reading<T> = readonly [name: string, help: string, value: (of: T) => number]

/** Totals are gauges here: the node counts them itself, from its start, and they never go down while it runs. */
const NODE_READINGS: readonly Reading<NodeStatus>[] = [
  ['realmesh_uptime_seconds', 'Seconds since the node began', (node) => node.uptimeMs / 1_000],
  ['realmesh_peers_connected', 'Nodes that are connected', (node) => node.peers.connected],
  ['realmesh_peers_known', 'Nodes that are known', (node) => node.peers.known],
  ['realmesh_peers_denied', 'Nodes that are shut out, 100 at most are told', (node) => node.peers.denied.length],
  ['realmesh_queries_running', 'Own queries that run', (node) => node.queries.running],
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
  ['realmesh_hedges_saved', 'Such second tries that may be made now', (node) => node.hedges.saved],
  ['realmesh_warnings', 'Things that the operator should know', (node) => node.warnings.length],
  ['realmesh_degraded', '1 while all answers have come from other nodes for too long', (node) => Number(node.degraded)],
  ['realmesh_draining', '1 while the node takes no new queries', (node) => Number(node.draining)],
]

const REALM_READINGS: readonly Reading<RealmStatus>[] = [
  ['realmesh_realm_workers', 'Workers that can be used', (realm) => realm.workers],
  ['realmesh_realm_slots', 'Queries that can run at once', (realm) => realm.slots],
  ['realmesh_realm_running', 'Queries that run', (realm) => realm.running],
  ['realmesh_realm_queued', 'Queries that wait', (realm) => realm.queued],
  ['realmesh_realm_processed_queries_total', 'Queries that were answered', (realm) => realm.processedQueries],
  ['realmesh_realm_error_count_total', 'Queries that failed', (realm) => realm.errorCount],
  ['realmesh_realm_avg_processing_time_seconds', 'Average time of a query', (realm) => realm.avgProcessingTime],
]

/** The handler, with a registry of its own: the library's global one belongs to the program that embeds us. */
export function metricsRoute(node: Pick<NodeApi, 'status'>) {
  const registry = new Registry()
  const gauges = NODE_READINGS.map(([name, help, value]) => ({
    gauge: new Gauge({ name, help, registers: [registry] }),
    value,
  }))
  const realmGauges = REALM_READINGS.map(([name, help, value]) => ({
    gauge: new Gauge({ name, help, labelNames: ['realm'], registers: [registry] }),
    value,
  }))
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<string> => {
    const status = node.status()
    for (const { gauge, value } of gauges) gauge.set(value(status))
    for (const { gauge, value } of realmGauges) {
      gauge.reset() // a realm that was taken out is not reported for ever
      for (const realm of status.realms) gauge.set({ realm: realm.name }, value(realm))
    }
    reply.header('content-type', registry.contentType)
    return await registry.metrics()
  }
}

/** The handler of `/health`: 200 while the node takes queries, 503 once it drains. */
function healthRoute(context: GatewayContext) {
  return (_request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { draining } = context.node.status()
    return reply.code(draining ? 503 : 200).send({ status: draining ? 'draining' : 'ok', version: context.version })
  }
}
