/** What the node tells people and programs about itself: read from its parts at the moment of asking. */

import type { WorkerStatus } from '../../core/model/worker.ts'
import { breakerState } from '../../core/run/circuit-breaker.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type Scope, scopeReaches } from '../../core/scope.ts'
import type { DeniedPeer } from '../../discovery/guard/deny-list.ts'
import { servesUs } from '../../discovery/peers/peer-entry.ts'
import type { PeerTable } from '../../discovery/peers/peer-table.ts'
import { NO_EVIDENCE } from '../../routing/learning/evidence.ts'
import type { RoutingView } from '../../routing/offers/routing-view.ts'
import type { ListedModel, NodeStatus, PeerStatus, RealmStatus } from '../api/node-api.ts'
import type { Realm } from '../realm/realm.ts'
import type { RealmRegistry } from '../realm/realm-registry.ts'
import { byUse } from './address-order.ts'
import { listedModel, listedModels } from './known-models.ts'
import { pathCounts } from './path-counts.ts'
import { type WorkerStatusComponents, workerStatuses } from './worker-statuses.ts'

/** Denied peers that are told: one host can have a thousand identities. */
export const MAX_TOLD_DENIALS = 100

/** What the node tells about itself. */
export interface NodeDescription {
  status(queries: NodeStatus['queries'], draining: boolean): NodeStatus
  peers(): readonly PeerStatus[]
  models(scope: Scope | undefined): readonly ListedModel[]
  model(name: string, scope: Scope | undefined): ListedModel | undefined
  /** Multiaddrs, those that help others most first. */
  addresses(): readonly string[]
}

export interface NodeDescriptionComponents extends WorkerStatusComponents {
  readonly realms: RealmRegistry
  readonly peers: PeerTable
  readonly view: RoutingView
  readonly clock: Clock
  readonly addresses: () => readonly string[]
  readonly reach: () => NodeStatus['reach']
  /** Peers that are shut out now, the latest first. */
  readonly denied: () => readonly DeniedPeer[]
  /** Things the operator should know beyond what the realms say. */
  readonly warnings: () => readonly string[]
  /** What is wrong with other nodes, one line each; for the operator too. */
  readonly peerTroubles: () => readonly string[]
  readonly waysIn: () => NodeStatus['waysIn']
  readonly degraded: () => boolean
  /** Milliseconds that the owner's pause still lasts; 0 for none, infinite for one without an end. */
  readonly pausedMs: () => number
  readonly traffic: () => NodeStatus['traffic']
  readonly routing: () => NodeStatus['routing']
  readonly hedges: () => NodeStatus['hedges']
  /** What the owner calls other nodes, by peer id. */
  readonly peerNames: () => Readonly<Record<string, string>>
  /** The node's scope and share, which may change while it runs. */
  readonly scopes: () => { readonly scope: Scope; readonly share: Scope }
  readonly federation: () => NodeStatus['federation']
  readonly name: () => string
}

export interface NodeDescriptionInit {
  readonly peerId: string
  readonly version: string
  readonly network: string
}

/** The description of one node. */
export function nodeDescription(components: NodeDescriptionComponents, init: NodeDescriptionInit): NodeDescription {
  const startedAt = components.clock.monotonic()
  return {
    status: (queries, draining) => status(components, init, startedAt, queries, draining),
    peers: () => peers(components),
    models: (scope) => listedModels(components, scope ?? components.scopes().scope, init.peerId),
    model: (name, scope) => listedModel(components, scope ?? components.scopes().scope, init.peerId, name),
    addresses: () => byUse(components.addresses()),
  }
}

function status(
  components: NodeDescriptionComponents,
  init: NodeDescriptionInit,
  startedAt: number,
  queries: NodeStatus['queries'],
  draining: boolean,
): NodeStatus {
  const { realms, peers, clock, addresses, warnings, scopes } = components
  const troubles = components.peerTroubles()
  const here = new Set(realms.list())
  const workers = workerStatuses(components)
  const realmRows = realms
    .all()
    .map((realm) => ({ realm, row: realmStatus(realm, workers, peers, scopes().scope) }))
    .flatMap(({ realm, row }) => (here.has(realm) || row.peers > 0 ? [row] : []))
  return {
    ...init,
    name: components.name(),
    federation: components.federation(),
    scope: scopes().scope,
    share: scopes().share,
    addresses: byUse(addresses()),
    reach: components.reach(),
    uptimeMs: Math.round(clock.monotonic() - startedAt),
    draining,
    ...paused(components),
    peers: {
      connected: peers.connectedCount,
      known: peers.size,
      paths: pathCounts(peers.entries()),
      troubles,
      denied: denied(components),
    },
    waysIn: components.waysIn(),
    traffic: components.traffic(),
    realms: realmRows,
    workers,
    queries,
    routing: { ...components.routing() },
    hedges: components.hedges(),
    degraded: components.degraded(),
    warnings: [...warnings(), ...troubles, ...realmRows.flatMap(({ warning }) => warning ?? [])],
  }
}

function denied(components: NodeDescriptionComponents): readonly DeniedPeer[] {
  return components
    .denied()
    .slice(0, MAX_TOLD_DENIALS)
    .map(({ forMs, ...peer }) => (forMs === undefined ? peer : { ...peer, forMs: Math.round(forMs) }))
}

function paused({ pausedMs, clock }: NodeDescriptionComponents): Pick<NodeStatus, 'paused'> {
  const ms = pausedMs()
  if (ms <= 0) return {}
  return { paused: Number.isFinite(ms) ? { untilMs: Math.round(clock.wall() + ms) } : {} }
}

/** A realm below its minimum, where this node has workers for it at all: a node without engines is not unwell. */
function operatorsConcern({ workers }: Realm): string | undefined {
  return workers.workers.known > 0 ? workers.warning() : undefined
}

function realmStatus(realm: Realm, all: readonly WorkerStatus[], peers: PeerTable, scope: Scope): RealmStatus {
  const { config, workers, processor } = realm
  const loads = workers.loads('own')
  const warning = operatorsConcern(realm)
  const { processedQueries, errorCount, avgProcessingTime, processingTimes, crossRealm } = processor.counters
  return {
    name: config.name,
    primaryQueryType: config.primaryQueryType,
    workers: workers.workers.usable,
    peers: servingPeers(config.name, peers, scope),
    slots: Math.max(0, ...loads.map(({ slots }) => slots)),
    running: processor.running,
    queued: processor.queued,
    processedQueries,
    errorCount,
    avgProcessingTime,
    processingTimes,
    crossRealm,
    utilization: utilization(workers.membership.taken, all),
    pools: config.pools.map(({ name }) => name),
    ...(warning === undefined ? {} : { warning }),
  }
}

/** Of the engines among `names` that can be used; built-ins answer where no engine does, and are none. */
function utilization(names: readonly string[], all: readonly WorkerStatus[]): RealmStatus['utilization'] {
  const engines = all.filter(({ name, healthy, engine }) => {
    return healthy && names.includes(name) && !engine.startsWith('builtin/')
  })
  return Object.fromEntries(
    engines.map(({ name, running, slots }) => [name, Math.min(1, running / Math.max(1, slots))]),
  )
}

/** How many connected nodes have the realm, lie within our scope and share with us. */
function servingPeers(realm: string, peers: PeerTable, scope: Scope): number {
  let count = 0
  for (const entry of peers.entries()) {
    const { connected, standing, card } = entry
    if (!connected || card === undefined || !card.realms.some(({ name }) => name === realm)) continue
    if (scopeReaches(scope, standing.relation) && servesUs(entry)) count += 1
  }
  return count
}

function peers({ peers, view, clock, peerNames }: NodeDescriptionComponents): readonly PeerStatus[] {
  const now = clock.monotonic()
  return peers.peers().map(({ share: _share, loadKnown: _loadKnown, ...known }) => {
    const evidence = view.evidence(known.id) ?? NO_EVIDENCE
    const called = peerNames()[known.id]
    return {
      ...known,
      ...(called !== undefined && { called }),
      breaker: breakerState(evidence.breaker, now),
      ...(evidence.outcomes === 0 ? {} : { successRate: evidence.successRate }),
    }
  })
}
