/**
 * How many connections strangers may have: identities cost nothing, addresses in many subnets do. Own nodes, friends,
 * relays in use and peers with a query under way are never cut, and find room. Pure.
 */
import type { Relation } from '../../core/scope.ts'

/**
 * Connections of all strangers together. libp2p refuses whatever comes above MAX_CONNECTIONS: the rest is room for own
 * nodes and friends, and for newcomers that have not yet said what they are.
 */
export const MAX_STRANGER_CONNECTIONS = 128
/**
 * Connections of strangers from one public subnet (/24 or /48): a household or a small firm behind one router has fewer
 * nodes. Private addresses are not counted: whole swarms live behind one prefix there.
 */
export const MAX_STRANGERS_FROM_SUBNET = 16
/** Connections of strangers that one relay brings: it stands for them as a router does, and may serve many homes. */
export const MAX_STRANGERS_BY_RELAY = 32
/** A newcomer has so long to show a card before it goes for being one too many. */
export const NEWCOMER_MS = 10_000

/** Where connections come from, as far as it is counted. */
export interface ConnectionOrigin {
  readonly kind: 'subnet' | 'relay'
  readonly id: string
}

export interface HeldConnection {
  readonly relation: Relation
  /** Undefined in private networks. */
  readonly origin: ConnectionOrigin | undefined
  /** A relay in use, or a peer with a query under way, here or there. */
  readonly spared: boolean
  /** Since it was opened, milliseconds. */
  readonly ageMs: number
}

const MOST_FROM: Readonly<Record<ConnectionOrigin['kind'], number>> = {
  subnet: MAX_STRANGERS_FROM_SUBNET,
  relay: MAX_STRANGERS_BY_RELAY,
}

/**
 * Those that are too many. Of one place the youngest go, at once: the older ones have proved that they last. Of all
 * strangers those of the most crowded place go first, and none that has just come.
 */
export function connectionsToCut<T extends HeldConnection>(held: readonly T[]): readonly T[] {
  const strangers = held.filter(({ relation }) => relation === 'stranger')
  const places = groupedByPlace(strangers)
  const cut = new Set<T>()
  for (const there of places.values()) {
    const [{ origin } = { origin: undefined }] = there
    if (origin === undefined) continue
    const most = MOST_FROM[origin.kind]
    for (const one of youngestFirst(there).slice(0, Math.max(0, there.length - most))) cut.add(one)
  }
  let tooMany = strangers.length - cut.size - MAX_STRANGER_CONNECTIONS
  for (; tooMany > 0; tooMany -= 1) {
    const next = nextToGo(places, cut)
    if (next === undefined) break
    cut.add(next)
  }
  return [...cut]
}

function groupedByPlace<T extends HeldConnection>(strangers: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const places = new Map<string, T[]>()
  for (const one of strangers) {
    const place = one.origin === undefined ? '' : `${one.origin.kind} ${one.origin.id}`
    const there = places.get(place)
    if (there === undefined) places.set(place, [one])
    else there.push(one)
  }
  return places
}

/** Those that may go at all. */
function youngestFirst<T extends HeldConnection>(there: readonly T[]): readonly T[] {
  return there.filter(({ spared }) => !spared).sort((a, b) => a.ageMs - b.ageMs)
}

function nextToGo<T extends HeldConnection>(
  places: ReadonlyMap<string, readonly T[]>,
  cut: ReadonlySet<T>,
): T | undefined {
  let best: T | undefined
  let crowd = 0
  for (const there of places.values()) {
    const left = there.filter((one) => !cut.has(one))
    const candidate = youngestFirst(left).find(({ ageMs }) => ageMs >= NEWCOMER_MS)
    if (candidate === undefined || left.length <= crowd) continue
    best = candidate
    crowd = left.length
  }
  return best
}
