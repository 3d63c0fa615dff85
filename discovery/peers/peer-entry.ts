/** What is known of one peer. */
import { LOAD_BELIEVED_MS, type NodeLoad } from '../../core/model/load.ts'
import { canonicalModelName } from '../../core/model/model-name.ts'
import type { Path } from '../../core/net/path.ts'
import { type Relation, type Scope, scopeReaches } from '../../core/scope.ts'
import type { Card } from '../../protocols/card/card.ts'
import { STRANGER, type Standing } from './standing.ts'

/** The table owns it; others read. Times are monotonic milliseconds. */
export interface PeerEntry {
  readonly id: string
  card: Card | undefined
  cardAt: number
  /** See `cardSize`. */
  cardSize: number
  standing: Standing
  /** What we are to it, as it said over this connection; undefined until it did. */
  theirs: Relation | undefined
  connected: boolean
  /** Where it truly was when it was last connected; undefined in private networks. */
  subnet: string | undefined
  /** By which way new queries go to it; undefined while it is not connected. */
  path: Path | undefined
  rttMs: number | undefined
  /** Last sign of life of any kind. */
  heardAt: number
  load: NodeLoad | undefined
  loadAt: number
}

/** An entry of which only the id is known. */
export function newPeerEntry(id: string, now: number): PeerEntry {
  const never = Number.NEGATIVE_INFINITY
  return {
    id,
    card: undefined,
    cardAt: never,
    cardSize: 0,
    standing: STRANGER,
    theirs: undefined,
    connected: false,
    subnet: undefined,
    path: undefined,
    rttMs: undefined,
    heardAt: now,
    load: undefined,
    loadAt: never,
  }
}

/**
 * Whether it serves us: what it shares reaches what we are to it. Until it has said that, we are taken for what it is
 * to us. Pure.
 */
export function servesUs({ card, standing, theirs }: Pick<PeerEntry, 'card' | 'standing' | 'theirs'>): boolean {
  return card !== undefined && scopeReaches(card.share, theirs ?? standing.relation)
}

/** About how many characters the card keeps in memory, its certificate apart. */
export function cardSize(card: Card): number {
  return JSON.stringify(card, (_name, value: unknown) => (value instanceof Uint8Array ? undefined : value)).length
}

/** The load as far as it may still be believed. */
export function believedLoad(entry: PeerEntry, now: number): NodeLoad | undefined {
  return now - entry.loadAt <= LOAD_BELIEVED_MS ? entry.load : undefined
}

/**
 * Whether a record casts doubt on a card: it names another one, has places for models that the card lacks (those
 * without a place, while paused or down, are on no card), or speaks no longer of all of which the one before it spoke
 * (records are cut to their size, so silence about a model means something only where there was none). Pure.
 */
export function doubtsCard(card: Card | undefined, before: NodeLoad | undefined, now: NodeLoad): boolean {
  if (card === undefined) return true
  if (now.card !== undefined && now.card !== card.seq) return true
  const carded = new Set(card.models.map(({ model }) => canonicalModelName(model.name)))
  if (now.models.some(({ model, slots }) => slots > 0 && !carded.has(canonicalModelName(model)))) return true
  return before !== undefined && before.models.length >= carded.size && now.models.length < carded.size
}

/** A row of the peers' status as the node shows it; evidence and breaker are the router's to add. */
export interface KnownPeer {
  readonly id: string
  /** What its owner calls it; proves nothing. Empty until its card is known. */
  readonly name: string
  readonly label: string
  readonly connected: boolean
  readonly relation: Relation
  /** What we are to it, where it said so. */
  readonly theirs?: Relation
  readonly share: Scope
  readonly realms: readonly string[]
  readonly models: readonly string[]
  /** 0 when the peer has not spoken lately; see `loadKnown`. */
  readonly running: number
  readonly queued: number
  readonly slots: number
  readonly loadKnown: boolean
  readonly draining: boolean
  /** Its owner serves no others for now. */
  readonly paused: boolean
  /** By which way new queries go to it; absent while it is not connected. */
  readonly path?: Path
  readonly rttMs?: number
  readonly heardMsAgo: number
}

/** One entry as a row. Pure. */
export function describePeer(entry: PeerEntry, now: number): KnownPeer {
  const load = believedLoad(entry, now)
  // What older nodes say per model counts a worker once for each of its models; they say nothing better.
  const sum = (field: 'running' | 'queued' | 'slots'): number =>
    load?.total?.[field] ?? (load?.models ?? []).reduce((total, model) => total + model[field], 0)
  return {
    id: entry.id,
    name: entry.card?.name ?? '',
    label: entry.card?.label ?? '',
    connected: entry.connected,
    relation: entry.standing.relation,
    ...(entry.theirs === undefined ? {} : { theirs: entry.theirs }),
    share: entry.card?.share ?? 'local',
    realms: (entry.card?.realms ?? []).map(({ name }) => name),
    models: [...new Set((entry.card?.models ?? []).map(({ model }) => model.name))],
    running: sum('running'),
    queued: sum('queued'),
    slots: sum('slots'),
    loadKnown: load !== undefined,
    draining: load?.draining ?? false,
    paused: load?.paused ?? false,
    ...(entry.path === undefined ? {} : { path: entry.path }),
    ...(entry.rttMs === undefined ? {} : { rttMs: entry.rttMs }),
    heardMsAgo: Math.max(0, now - entry.heardAt),
  }
}
