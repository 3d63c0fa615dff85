/** Whether others reach this node, as peers that tried told it, and through which relays. Pure. */
import type { Finding } from '../../../core/model/finding.ts'
import type { Dialable } from '../../../discovery/reach/verdicts.ts'
import { found } from '../codes/found.ts'
import { connectionWith } from './bootstrap.ts'
import type { ReadReach, SwarmReadings } from './swarm-readings.ts'

export interface ReachFacts extends ReadReach {
  /** Multiaddrs that others are given. */
  readonly addresses: readonly string[]
  /** Addresses of this machine by which others could reach it. */
  readonly interfaces: readonly string[]
}

const AT_LOOPBACK_ONLY = /^\/(ip4\/127\.|ip6\/::1\/)/

const FROM: Readonly<Record<NonNullable<ReadReach['zone']>, string>> = {
  public: 'from everywhere',
  private: 'in the local network',
  machine: 'on this machine',
}

export function judgeReach({ addresses, interfaces, ...reach }: ReachFacts): Finding {
  const init = { facts: { ...reach, addresses } }
  if (interfaces.length > 0 && addresses.length > 0 && addresses.every((at) => AT_LOOPBACK_ONLY.test(at))) {
    return found('reach.loopback', 'this node listens on loopback only', init)
  }
  return JUDGED[reach.dialable](reach, init)
}

const JUDGED: Readonly<
  Record<Dialable, (reach: Pick<ReadReach, 'zone' | 'relays'>, init: { readonly facts: Finding['facts'] }) => Finding>
> = {
  yes: ({ zone }, init) =>
    found('reach.ok', `others dial this node${zone === undefined ? '' : ` ${FROM[zone]}`}`, init),
  no: ({ relays }, init) =>
    relays.length > 0
      ? found('reach.relayed', `others cannot dial this node; ${relays.length} relays bring them`, init)
      : found('reach.no-way-in', 'a peer tried to dial this node and could not, and no relay brings others', init),
  unknown: (_, init) => found('reach.unknown', 'no peer has tried to dial this node yet', init),
}

/** The relays at which this node has a seat. */
export function judgeRelays(
  { dialable, relays }: ReadReach,
  readings: Pick<SwarmReadings, 'connections'>,
): readonly Finding[] {
  if (dialable !== 'no' && relays.length === 0) return [found('relays.unneeded', 'this node needs no relay so far')]
  const away = relays.map((relay) => {
    const rttMs = connectionWith(relay, readings)?.rttMs
    return { relay, ...(rttMs !== undefined && { rttMs }) }
  })
  const told = away.map(({ relay, rttMs }) => {
    return `…${relay.slice(-8)}${rttMs === undefined ? '' : ` (${rttMs.toFixed(0)} ms away)`}`
  })
  const facts = { relays: away }
  const [only, another] = told
  if (only === undefined) return [] // that nobody reaches this node is told already
  if (another === undefined) return [found('relays.single', `only one relay brings others: ${only}`, { facts })]
  return [found('relays.ok', `relays bring others: ${told.join(', ')}`, { facts })]
}
