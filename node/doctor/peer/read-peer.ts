/** Gathers what is known of a peer; one that is not connected is dialled at each of its addresses. */
import { cleanText } from '../../../core/clean-text.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import { breakerState } from '../../../core/run/circuit-breaker.ts'
import type { Clock } from '../../../core/run/clock.ts'
import type { Relation, Scope } from '../../../core/scope.ts'
import type { DeniedPeer } from '../../../discovery/guard/deny-list.ts'
import { believedLoad, describePeer, type PeerEntry } from '../../../discovery/peers/peer-entry.ts'
import type { PeerTable } from '../../../discovery/peers/peer-table.ts'
import { NO_EVIDENCE } from '../../../routing/learning/evidence.ts'
import type { RoutingView } from '../../../routing/offers/routing-view.ts'
import { connectionWith } from '../swarm/bootstrap.ts'
import type { DialResult, SwarmReadings } from '../swarm/swarm-readings.ts'
import type { PeerFacts } from './peer-facts.ts'

/** Addresses of one peer that are dialled: as many as a card may name. */
const MAX_DIALLED_ADDRESSES = 8

export interface ReadPeerComponents {
  readonly readings: SwarmReadings
  readonly peers: Pick<PeerTable, 'get' | 'entries'>
  readonly view: Pick<RoutingView, 'evidence'>
  readonly clock: Clock
  readonly denied: () => readonly DeniedPeer[]
  /** What the owner calls other nodes, by peer id. */
  readonly names: () => Readonly<Record<string, string>>
  readonly scope: () => Scope
  /** Gets the card of a connected peer where there is none yet. Never rejects. */
  readonly relationOf: (peer: string) => Promise<Relation | undefined>
}

/** As it is now; nothing is dialled, nothing fetched. */
export function knownPeer(id: string, components: ReadPeerComponents): Omit<PeerFacts, 'protocols' | 'dials'> {
  const { readings, peers, view, clock, denied, scope } = components
  const entry = peers.get(id)
  const now = clock.monotonic()
  const connection = connectionWith(id, readings)
  const skewMs = readings.clocks().skews.get(id)
  const shutOut = denied().find((each) => each.id === id)
  return {
    id,
    name: shownName(id, entry, components),
    network: readings.network,
    relation: entry?.standing.relation ?? 'stranger',
    scope: scope(),
    breaker: breakerState((view.evidence(id) ?? NO_EVIDENCE).breaker, now),
    ...(entry?.theirs !== undefined && { theirs: entry.theirs }),
    ...(shutOut !== undefined && { denied: shutOut }),
    ...(connection !== undefined && { connection }),
    ...(skewMs !== undefined && { skewMs }),
    ...(entry?.card !== undefined && { card: cardOf(entry.card) }),
    ...(entry !== undefined && believedLoad(entry, now) !== undefined && { load: loadOf(entry, now) }),
  }
}

/** The same after it was dialled, where it is not connected, and its card fetched. */
export async function readPeer(id: string, components: ReadPeerComponents, signal: CancelSignal): Promise<PeerFacts> {
  const { readings } = components
  const before = knownPeer(id, components)
  const told = await readings.told(id)
  const mayDial = before.connection === undefined && before.denied === undefined
  const dials = mayDial ? await dialled(id, told.addresses, components, signal) : []
  if (connectionWith(id, readings) !== undefined) await components.relationOf(id)
  const { protocols } = await readings.told(id)
  return { ...knownPeer(id, components), dials, protocols }
}

/** The owner names the peer, not its addresses: those lead where strangers say, and are judged as what was heard. */
async function dialled(
  id: string,
  known: readonly string[],
  { readings, peers }: ReadPeerComponents,
  signal: CancelSignal,
): Promise<readonly DialResult[]> {
  const entry = peers.get(id)
  const own = entry?.standing.relation === 'home'
  const addresses = [...new Set([...known, ...(entry?.card?.addresses ?? [])].map(withoutPeerId))]
  return await Promise.all(
    addresses.slice(0, MAX_DIALLED_ADDRESSES).map((address) => readings.dial(id, address, { told: own, signal })),
  )
}

function withoutPeerId(address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, '')
}

function loadOf(entry: PeerEntry, now: number): NonNullable<PeerFacts['load']> {
  const { paused, draining, running, slots, queued } = describePeer(entry, now)
  return { paused, draining, running, slots, queued }
}

function cardOf({ version, share, models }: NonNullable<PeerEntry['card']>): NonNullable<PeerFacts['card']> {
  return { version, share, models: [...new Set(models.map(({ model }) => model.name))] }
}

function shownName(id: string, entry: PeerEntry | undefined, { names }: ReadPeerComponents): string {
  const name = cleanText(names()[id] ?? entry?.card?.name ?? '', 64)
  return name === '' ? `peer …${id.slice(-8)}` : `${name} (…${id.slice(-8)})`
}
