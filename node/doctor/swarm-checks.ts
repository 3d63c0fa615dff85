/** What the doctor looks at in the swarm of a running node. */
import type { RealmeshConfig } from '../../config/config.ts'
import type { PeerTable } from '../../discovery/peers/peer-table.ts'
import type { Check } from './codes/diagnose.ts'
import { readInterfaces } from './machine/interfaces.ts'
import { judgeBootstraps, readBootstraps } from './swarm/bootstrap.ts'
import { judgeDht, judgeGossip } from './swarm/joined.ts'
import { judgeNeighbours, ownSubnets, readNeighbours } from './swarm/neighbours.ts'
import { judgeClocks, judgeIdentity, judgeReach } from './swarm/own-state.ts'
import type { SwarmReadings } from './swarm/swarm-readings.ts'

export interface SwarmCheckComponents {
  readonly readings: SwarmReadings
  readonly config: () => Pick<RealmeshConfig, 'node'>
  /** Bootstrap addresses that are in force. */
  readonly bootstrap: () => readonly string[]
  readonly peers: Pick<PeerTable, 'entries'>
}

export function swarmChecks({ readings, config, bootstrap, peers }: SwarmCheckComponents): readonly Check[] {
  const connected = (): number => [...peers.entries()].filter((entry) => entry.connected).length
  return [
    { name: 'clock', run: async () => judgeClocks(readings.clocks()) },
    { name: 'identity', run: async () => judgeIdentity(readings.twins()) },
    {
      name: 'reach',
      run: async () => {
        const [reachable, addresses] = [readings.reachable(), readings.addresses()]
        return [judgeReach({ reachable, addresses, interfaces: readInterfaces() })]
      },
    },
    {
      name: 'bootstrap',
      run: async (signal) => judgeBootstraps(await readBootstraps(bootstrap(), readings, signal)),
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
