/** What the doctor looks at in the swarm of a running node. */
import type { RealmeshConfig } from '../../config/config.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { PeerTable } from '../../discovery/peers/peer-table.ts'
import type { WaysInStatus } from '../../discovery/ways-in/ways-in.ts'
import type { Check } from './codes/diagnose.ts'
import { readInterfaces } from './machine/interfaces.ts'
import { judgeWebRtc } from './machine/small-checks.ts'
import { judgeBootstraps, readBootstraps } from './swarm/bootstrap.ts'
import { judgeDht, judgeGossip } from './swarm/joined.ts'
import { askWhereSeen, judgeNat, stunServerOf } from './swarm/nat.ts'
import { judgeNeighbours, ownSubnets, readNeighbours } from './swarm/neighbours.ts'
import { judgeClocks, judgeIdentity } from './swarm/own-state.ts'
import { judgeReach, judgeRelays } from './swarm/reach.ts'
import type { SwarmReadings } from './swarm/swarm-readings.ts'

export interface SwarmCheckComponents {
  readonly readings: SwarmReadings
  readonly clock: Clock
  readonly config: () => Pick<RealmeshConfig, 'node'>
  readonly waysIn: () => Pick<WaysInStatus, 'bootstrap' | 'unresolved'>
  readonly peers: Pick<PeerTable, 'entries'>
}

export function swarmChecks({ readings, config, waysIn, peers, clock }: SwarmCheckComponents): readonly Check[] {
  const connected = (): number => [...peers.entries()].filter((entry) => entry.connected).length
  return [
    { name: 'clock', run: async () => judgeClocks(readings.clocks()) },
    { name: 'identity', run: async () => judgeIdentity(readings.twins()) },
    {
      name: 'reach',
      run: async () => {
        const addresses = readings.addresses()
        return [judgeReach({ ...readings.reach(), addresses, interfaces: readInterfaces() })]
      },
    },
    { name: 'webrtc', run: async () => [judgeWebRtc(readings.webRtc().state, readings.webRtc().why)] },
    {
      name: 'nat',
      run: async (signal) => {
        const servers = readings.stunServers().flatMap((url) => stunServerOf(url) ?? [])
        return [judgeNat(await askWhereSeen(servers, { clock, signal }), readInterfaces())]
      },
    },
    { name: 'relays', run: async () => judgeRelays(readings.reach(), readings) },
    {
      name: 'bootstrap',
      run: async (signal) => {
        const { bootstrap, unresolved } = waysIn()
        return judgeBootstraps(await readBootstraps(bootstrap, readings, signal), unresolved)
      },
    },
    { name: 'dht', run: async () => [judgeDht(readings.dhtSize(), connected())] },
    { name: 'gossip', run: async () => [judgeGossip(readings.gossip(), connected())] },
    {
      name: 'mdns',
      run: async (signal) => {
        const { mdns } = config().node
        const heard = mdns ? await readNeighbours(readings, signal) : []
        return judgeNeighbours(heard, { mdns, subnets: ownSubnets() })
      },
    },
  ]
}
