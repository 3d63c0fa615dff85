/**
 * Signed cards as sums. What could tell which node is meant is left out, but for those that want to be named: no names,
 * ids and addresses; names of realms and models only where their owner offers them to everyone. Pure.
 */
import { canonicalModelName } from '../../core/model/model-name.ts'
import type { ListedNode, NamedSum, SwarmSample } from '../../core/swarm-sums.ts'
import type { Card, CardFederation, CardModel } from '../../protocols/card/card.ts'

/** Rows of each kind that are told, the largest first; the others count as unnamed. */
export const MAX_SUM_ROWS = 200

/** Nodes that are named, the first by name. */
export const MAX_LISTED_NODES = 500

/** What is known of one node. */
export interface SeenNode {
  readonly card: SeenCard
  /** Heard of lately. */
  readonly alive: boolean
  /** Queries that run there, as far as it says. */
  readonly running: number
}

/** What of a card is looked at. */
export interface SeenCard extends Pick<Card, 'version' | 'name' | 'models' | 'share' | 'listing'> {
  readonly federation?: Pick<CardFederation, 'publicKey' | 'label'>
}

/** Realms that every network has: their names tell nothing of an owner. */
const COMMON_REALMS: ReadonlySet<string> = new Set(['$CHAT', '$VISION', '$IMAGINE', '$HEAR', '$SPEAK'])

/** Sums of one look, without time and network. */
export interface CardSums extends Omit<SwarmSample, 'at'> {
  readonly realms: readonly NamedSum[]
  readonly models: readonly NamedSum[]
  readonly versions: readonly NamedSum[]
  readonly listed: readonly ListedNode[]
}

export function cardSums(seen: readonly SeenNode[]): CardSums {
  const alive = seen.filter((node) => node.alive)
  const cards = alive.map(({ card }) => card)
  const realms = new SumTally()
  const models = new SumTally()
  const versions = new SumTally()
  for (const card of cards) {
    versions.add(card.version, slotsOf(card))
    const open = isOpen(card)
    const realmName = ({ realm }: CardModel): string => (open || COMMON_REALMS.has(realm) ? realm : '')
    for (const [realm, slots] of slotsBy(card, realmName)) realms.add(realm, slots)
    const modelName = ({ model }: CardModel): string => (open ? canonicalModelName(model.name) : '')
    for (const [model, slots] of slotsBy(card, modelName)) models.add(model, slots)
  }
  return {
    nodes: seen.length,
    alive: alive.length,
    federations: new Set(cards.flatMap(({ federation }) => federation?.publicKey ?? [])).size,
    slots: cards.reduce((sum, card) => sum + slotsOf(card), 0),
    running: alive.reduce((sum, { running }) => sum + running, 0),
    realms: realms.rows(),
    models: models.rows(),
    versions: versions.rows(),
    listed: cards
      .filter(({ listing }) => listing !== undefined)
      .map(listedNode)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .slice(0, MAX_LISTED_NODES),
  }
}

/** Whether its owner offers what it has to everyone, or wants to be named with it. */
function isOpen({ share, listing }: SeenCard): boolean {
  return share === 'public' || listing !== undefined
}

function listedNode(card: SeenCard): ListedNode {
  return {
    name: card.name,
    contact: card.listing?.contact ?? '',
    label: card.federation?.label ?? '',
    version: card.version,
    share: card.share,
    models: [...slotsBy(card, ({ model }) => model.name).keys()],
    slots: slotsOf(card),
  }
}

/** Slots of a node: its models share them, so those of the largest count. */
function slotsOf({ models }: SeenCard): number {
  return models.reduce((most, { slots }) => Math.max(most, slots), 0)
}

function slotsBy({ models }: SeenCard, keyOf: (model: CardModel) => string): ReadonlyMap<string, number> {
  const slots = new Map<string, number>()
  for (const model of models) slots.set(keyOf(model), Math.max(slots.get(keyOf(model)) ?? 0, model.slots))
  return slots
}

class SumTally {
  readonly #sums = new Map<string, { nodes: number; slots: number }>()

  add(name: string, slots: number): void {
    const sum = this.#sums.get(name) ?? { nodes: 0, slots: 0 }
    this.#sums.set(name, { nodes: sum.nodes + 1, slots: sum.slots + slots })
  }

  /** The most frequent first, those without a name last. */
  rows(): readonly NamedSum[] {
    const all = [...this.#sums].map(([name, sum]) => ({ name, ...sum }))
    const named = all
      .filter(({ name }) => name !== '')
      .toSorted((a, b) => b.nodes - a.nodes || (a.name < b.name ? -1 : 1))
    const rest = [...all.filter(({ name }) => name === ''), ...named.slice(MAX_SUM_ROWS)]
    if (rest.length === 0) return named
    const unnamed = rest.reduce((sum, row) => ({ nodes: sum.nodes + row.nodes, slots: sum.slots + row.slots }), {
      nodes: 0,
      slots: 0,
    })
    return [...named.slice(0, MAX_SUM_ROWS), { name: '', ...unnamed }]
  }
}
