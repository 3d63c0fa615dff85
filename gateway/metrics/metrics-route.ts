/**
 * `GET /metrics`: the node's figures as Prometheus reads them, or as JSON for programs that ask for it, collected at
 * the moment of asking. Beside them are those of libp2p and of the process. No prompt, key, user or peer is among them,
 * and no name that a stranger chooses: realms and workers are the owner's.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { NodeApi, NodeStatus } from '../../node/api/node-api.ts'
import { requireKey } from '../door/door.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import {
  NODE_READINGS,
  REALM_READINGS,
  type Reading,
  type ReadRealm,
  type RealmTraffic,
  WAY_READINGS,
  WORKER_READINGS,
} from './readings.ts'
import { realmStats } from './realm-stats.ts'

export interface MetricsComponents {
  readonly node: Pick<NodeApi, 'status' | 'figures'>
  /** Of the realm's sockets. @default there are none */
  readonly traffic?: (realm: string) => RealmTraffic | undefined
}

const NO_TRAFFIC: RealmTraffic = { connections: 0, peakConnections: 0, messagesProcessed: 0 }

/** Registers the path on the whole `app`. */
export function metricsRoutes(
  app: FastifyInstance,
  { node, keys }: Pick<GatewayContext, 'node' | 'keys'>,
  traffic?: MetricsComponents['traffic'],
): void {
  app.register(async (metrics) => {
    requireKey(metrics, keys)
    metrics.get('/metrics', metricsRoute({ node, ...(traffic !== undefined && { traffic }) }))
  })
}

function metricsRoute({ node, traffic = () => undefined }: MetricsComponents) {
  const figures = new NodeFigures()
  return async ({ headers }: FastifyRequest, reply: FastifyReply): Promise<string | object> => {
    const status = node.status()
    const realms = status.realms.map((realm) => ({ ...realm, traffic: traffic(realm.name) ?? NO_TRAFFIC }))
    reply.header('vary', 'accept')
    if (headers.accept?.includes('application/json') === true) return realmStats(realms, status)
    reply.header('content-type', figures.contentType)
    const [ours, swarm] = await Promise.all([figures.text({ ...status, realms }), node.figures()])
    return `${ours}${swarm}`
  }
}

interface ReadStatus extends NodeStatus {
  readonly realms: readonly ReadRealm[]
}

/** A registry of its own: the library's global one belongs to the program that embeds us. */
class NodeFigures {
  readonly #registry = new Registry()
  readonly #node = readable(this.#registry, NODE_READINGS)
  readonly #realms = readable(this.#registry, REALM_READINGS, 'realm')
  readonly #workers = readable(this.#registry, WORKER_READINGS, 'worker')
  readonly #ways = readable(this.#registry, WAY_READINGS, 'way')

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  text(status: ReadStatus): Promise<string> {
    this.#node([[undefined, status]])
    this.#realms(status.realms.map((realm) => [realm.name, realm]))
    this.#workers(status.workers.map((worker) => [worker.name, worker]))
    const { first } = status.waysIn
    this.#ways(first === undefined ? [] : [[first.way, first]])
    return this.#registry.metrics()
  }
}

/** Takes over what is read of all things of a kind, by their names; what is not among them any more is not told. */
type TakeOver<T> = (things: readonly (readonly [name: string | undefined, thing: T])[]) => void

function readable<T>(registry: Registry, readings: readonly Reading<T>[], label?: string): TakeOver<T> {
  const labelNames = label === undefined ? [] : [label]
  const labels = (name: string | undefined): Record<string, string> =>
    label === undefined || name === undefined ? {} : { [label]: name }
  const metrics = readings.map(({ name, help, kind, value }) => {
    const Metric = kind === 'counter' ? Counter : Gauge
    return { metric: new Metric({ name, help, labelNames, registers: [registry] }), value }
  })
  return (things) => {
    for (const { metric, value } of metrics) {
      metric.reset()
      for (const [name, thing] of things) metric.inc(labels(name), value(thing))
    }
  }
}
