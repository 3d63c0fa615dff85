/** What the node tells people and programs about itself: read from its parts at the moment of asking. */

import { canonicalModelName } from '../../core/model/model-name.ts'
import { breakerState } from '../../core/run/circuit-breaker.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type Scope, scopeReaches } from '../../core/scope.ts'
import type { PeerTable } from '../../discovery/peers/peer-table.ts'
import { NO_EVIDENCE } from '../../routing/learning/evidence.ts'
import type { RoutingView } from '../../routing/offers/routing-view.ts'
import type { WorkerPool } from '../../workers/pool/worker-pool.ts'
import type { ListedModel, NodeStatus, PeerStatus, RealmStatus } from '../api/node-api.ts'
import type { Realm, RealmRegistry } from '../realm/realm-registry.ts'

/** What the node tells about itself. */
export interface NodeDescription {
  status(queries: NodeStatus['queries'], draining: boolean): NodeStatus
  peers(): readonly PeerStatus[]
  models(scope: Scope | undefined): readonly ListedModel[]
  addresses(): readonly string[]
}

export interface NodeDescriptionComponents {
  readonly pool: WorkerPool
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
    models: (scope) => models(components, scope ?? components.scopes().scope, init.peerId),
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
  const { pool, realms, peers, clock, addresses, warnings, scopes } = components
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
    workers: pool.status(),
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

/** One row per model, over this node and the peers that the scope reaches and that serve us. */
function models({ realms, peers }: NodeDescriptionComponents, scope: Scope, self: string): readonly ListedModel[] {
  const rows = new Map<string, { model: ListedModel['model']; nodes: Set<string>; engines: Set<string> }>()
  const row = (model: ListedModel['model']) => {
    const key = canonicalModelName(model.name)
    const found = rows.get(key) ?? { model, nodes: new Set<string>(), engines: new Set<string>() }
    rows.set(key, found)
    return found
  }
  for (const realm of realms.list()) {
    for (const { model, engines } of realm.workers.models('own')) {
      const listed = row(model)
      listed.nodes.add(self)
      for (const engine of engines) listed.engines.add(engine)
    }
  }
  for (const { id, connected, standing, card } of scope === 'local' ? [] : peers.entries()) {
    if (!connected || card === undefined) continue
    if (!scopeReaches(scope, standing.relation) || !scopeReaches(card.share, standing.relation)) continue
    for (const { model } of card.models) row(model).nodes.add(id)
  }
  return [...rows.values()].map(({ model, nodes, engines }) => ({
    model,
    nodes: [...nodes],
    local: nodes.has(self),
    engines: [...engines],
  }))
}

/** How many connected nodes offer such a model but do not serve us. */
export function unsharedOffers(
  peers: Pick<PeerTable, 'entries'>,
  fits: (model: ListedModel['model']) => boolean,
): number {
  let count = 0
  for (const { connected, standing, card } of peers.entries()) {
    if (!connected || card === undefined || scopeReaches(card.share, standing.relation)) continue
    if (card.models.some(({ model }) => fits(model))) count += 1
  }
  return count
}

/** A node that was heard this lately and is gone may be back in a moment: its models are out of reach, not unknown. */
const LOST_MS = 10 * 60_000

/** Whether a node that was lost lately offered such a model to a query of `scope`. */
export function lostOffers(
  peers: Pick<PeerTable, 'entries'>,
  scope: Scope,
  now: number,
  fits: (model: ListedModel['model']) => boolean,
): boolean {
  for (const { connected, heardAt, standing, card } of peers.entries()) {
    if (connected || card === undefined || now - heardAt > LOST_MS) continue
    if (!scopeReaches(scope, standing.relation) || !scopeReaches(card.share, standing.relation)) continue
    if (card.models.some(({ model }) => fits(model))) return true
  }
  return false
}
