/**
 * Which models this node knows of: its own, those of peers that serve it, of peers that do not, and of peers that were
 * lost lately.
 */

import type { ModelLoad } from '../../core/model/load.ts'
import { canonicalModelName } from '../../core/model/model-name.ts'
import { type Scope, scopeReaches } from '../../core/scope.ts'
import { servesUs } from '../../discovery/peers/peer-entry.ts'
import type { PeerTable } from '../../discovery/peers/peer-table.ts'
import type { ListedModel } from '../api/node-api.ts'
import type { RealmRegistry } from '../realm/realm-registry.ts'

export interface KnownModelsComponents {
  readonly realms: Pick<RealmRegistry, 'list'>
  readonly peers: Pick<PeerTable, 'entries'>
}

interface Row {
  readonly model: ListedModel['model']
  readonly nodes: Set<string>
  readonly loaded: Set<string>
  readonly engines: Set<string>
}

/** One row per model, over this node and the peers that the scope reaches and that serve us. */
export function listedModels(components: KnownModelsComponents, scope: Scope, self: string): readonly ListedModel[] {
  return rowsOf(components, scope, self, () => true)
}

/** The row of the model that `name` means, without the others. */
export function listedModel(
  components: KnownModelsComponents,
  scope: Scope,
  self: string,
  name: string,
): ListedModel | undefined {
  const wanted = canonicalModelName(name)
  return rowsOf(components, scope, self, (key) => key === wanted)[0]
}

/** The rows of models whose canonical name is `wanted`. */
function rowsOf(
  { realms, peers }: KnownModelsComponents,
  scope: Scope,
  self: string,
  wanted: (key: string) => boolean,
): readonly ListedModel[] {
  const rows = new Map<string, Row>()
  const row = (model: ListedModel['model']): Row | undefined => {
    const key = canonicalModelName(model.name)
    if (!wanted(key)) return undefined
    const found = rows.get(key) ?? { model, nodes: new Set(), loaded: new Set(), engines: new Set() }
    rows.set(key, found)
    return found
  }
  const loadedAt = (node: string, loads: readonly ModelLoad[] = []) => {
    for (const { model, warm } of loads) if (warm && rows.get(model)?.nodes.has(node)) rows.get(model)?.loaded.add(node)
  }
  for (const realm of realms.list()) {
    for (const { model, engines } of realm.workers.models('own')) {
      const listed = row(model)
      listed?.nodes.add(self)
      for (const engine of engines) listed?.engines.add(engine)
    }
    loadedAt(self, realm.workers.loads('own'))
    for (const { model, host } of realm.hosts.models()) {
      if (!scopeReaches(scope, host)) continue
      const listed = row(model)
      listed?.nodes.add(self)
      listed?.engines.add('rentahal-host')
    }
  }
  for (const entry of scope === 'local' ? [] : peers.entries()) {
    const { id, connected, standing, card, load } = entry
    if (!connected || card === undefined) continue
    if (!scopeReaches(scope, standing.relation) || !servesUs(entry)) continue
    for (const { model } of card.models) row(model)?.nodes.add(id)
    loadedAt(id, load?.models)
  }
  return [...rows.values()].map(({ model, nodes, loaded, engines }) => ({
    model,
    nodes: [...nodes],
    loaded: [...loaded],
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
  for (const entry of peers.entries()) {
    const { connected, card } = entry
    if (!connected || card === undefined || servesUs(entry)) continue
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
  for (const entry of peers.entries()) {
    const { connected, heardAt, standing, card } = entry
    if (connected || card === undefined || now - heardAt > LOST_MS) continue
    if (!scopeReaches(scope, standing.relation) || !servesUs(entry)) continue
    if (card.models.some(({ model }) => fits(model))) return true
  }
  return false
}
