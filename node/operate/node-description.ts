/** What the node tells people and programs about itself: read from its parts at the moment of asking. */

import { breakerState } from '../../core/run/circuit-breaker.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Scope } from '../../core/scope.ts'
import type { PeerTable } from '../../discovery/peers/peer-table.ts'
import { NO_EVIDENCE } from '../../routing/learning/evidence.ts'
import type { RoutingView } from '../../routing/offers/routing-view.ts'
import type { ListedModel, NodeStatus, PeerStatus, RealmStatus } from '../api/node-api.ts'
import type { Realm } from '../realm/realm.ts'
import type { RealmRegistry } from '../realm/realm-registry.ts'
import { listedModels } from './known-models.ts'
import { type WorkerStatusComponents, workerStatuses } from './worker-statuses.ts'

/** What the node tells about itself. */
export interface NodeDescription {
  status(queries: NodeStatus['queries'], draining: boolean): NodeStatus
  peers(): readonly PeerStatus[]
  models(scope: Scope | undefined): readonly ListedModel[]
  addresses(): readonly string[]
}

export interface NodeDescriptionComponents extends WorkerStatusComponents {
  readonly realms: RealmRegistry
  readonly peers: PeerTable
  readonly view: RoutingView
  readonly clock: Clock
  readonly addresses: () => readonly string[]
  /** Things the operator should know beyond what the realms say. */
  readonly warnings: () => readonly string[]
  readonly degraded: () => boolean
  readonly routing: () => NodeStatus['routing']
  readonly hedges: () => NodeStatus['hedges']
  /** The node's scope and share, which may change while it runs. */
  readonly scopes: () => { readonly scope: Scope; readonly share: Scope }
}

export interface NodeDescriptionInit {
  readonly peerId: string
  readonly version: string
  readonly network: string
  readonly federation: { readonly id: string; readonly label: string }
}

/** The description of one node. */
export function nodeDescription(components: NodeDescriptionComponents, init: NodeDescriptionInit): NodeDescription {
  const startedAt = components.clock.monotonic()
  return {
    status: (queries, draining) => status(components, init, startedAt, queries, draining),
    peers: () => peers(components),
    models: (scope) => listedModels(components, scope ?? components.scopes().scope, init.peerId),
    addresses: components.addresses,
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
  const realmRows = realms.list().map(realmStatus)
  return {
    ...init,
    scope: scopes().scope,
    share: scopes().share,
    addresses: addresses(),
    uptimeMs: Math.round(clock.monotonic() - startedAt),
    draining,
    peers: { connected: peers.connectedCount, known: peers.size },
    realms: realmRows,
    workers: workerStatuses(components),
    queries,
    routing: { ...components.routing() },
    hedges: components.hedges(),
    degraded: components.degraded(),
    warnings: [...warnings(), ...realms.list().flatMap(operatorsConcern)],
  }
}

/** A realm below its minimum, where this node has workers for it at all: a node without engines is not unwell. */
function operatorsConcern({ workers }: Realm): readonly string[] {
  const warning = workers.warning()
  return warning !== undefined && workers.workers.known > 0 ? [warning] : []
}

function realmStatus({ config, workers, processor }: Realm): RealmStatus {
  const loads = workers.loads('own')
  const warning = workers.warning()
  const { processedQueries, errorCount, avgProcessingTime } = processor.counters
  return {
    name: config.name,
    primaryQueryType: config.primaryQueryType,
    workers: workers.workers.usable,
    slots: Math.max(0, ...loads.map(({ slots }) => slots)),
    running: processor.running,
    queued: processor.queued,
    processedQueries,
    errorCount,
    avgProcessingTime,
    ...(warning === undefined ? {} : { warning }),
  }
}

function peers({ peers, view, clock }: NodeDescriptionComponents): readonly PeerStatus[] {
  const now = clock.monotonic()
  return peers.peers().map(({ share: _share, loadKnown: _loadKnown, ...known }) => {
    const evidence = view.evidence(known.id) ?? NO_EVIDENCE
    return {
      ...known,
      breaker: breakerState(evidence.breaker, now),
      ...(evidence.outcomes === 0 ? {} : { successRate: evidence.successRate }),
    }
  })
}
