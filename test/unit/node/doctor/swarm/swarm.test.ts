/** What the doctor makes of the swarm: each state by its code. */
import assert from 'node:assert/strict'
import type { Path } from '../../../../../core/net/path.ts'
import { linkedAbort } from '../../../../../core/run/linked-abort.ts'
import {
  type BootstrapFacts,
  connectionWith,
  judgeBootstraps,
  networksOf,
  readBootstraps,
} from '../../../../../node/doctor/swarm/bootstrap.ts'
import { HeardNeighbours, MAX_NOTED_NEIGHBOURS } from '../../../../../node/doctor/swarm/heard-neighbours.ts'
import { judgeDht, judgeGossip } from '../../../../../node/doctor/swarm/joined.ts'
import { judgeNeighbours, type NeighbourFacts } from '../../../../../node/doctor/swarm/neighbours.ts'
import { judgeClocks, judgeIdentity, judgeServing } from '../../../../../node/doctor/swarm/own-state.ts'
import { judgeReach, judgeRelays } from '../../../../../node/doctor/swarm/reach.ts'
import type { SeenConnection } from '../../../../../node/doctor/swarm/swarm-readings.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'

const LAN: Path = { kind: 'lan', over: 'tcp' }
const PEER = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const ADDRESS = `/ip4/192.0.2.7/tcp/4501/p2p/${PEER}`

function connection(peer: string, path = LAN): SeenConnection {
  return { peer, inbound: false, address: '/ip4/192.0.2.7/tcp/4501', path, rttMs: 12 }
}

function codes(findings: readonly { readonly code: string }[]): string {
  return findings.map(({ code }) => code).join()
}

describe('clocks, as the doctor sees them', () => {
  const skewed = new Map([
    ['peer-a', 7_200_000],
    ['peer-b', 7_190_000],
  ])

  it('are wrong here where they differ from those of all peers, and at the peer otherwise', () => {
    assert.equal(codes(judgeClocks({ heard: 0, skews: new Map() })), 'clock.unknown')
    assert.equal(codes(judgeClocks({ heard: 3, skews: new Map() })), 'clock.ok')
    assert.equal(codes(judgeClocks({ heard: 3, skews: skewed })), 'clock.peer-wrong,clock.peer-wrong')
    const [wrong] = judgeClocks({ heard: 2, skews: skewed })
    assert.equal(wrong?.code, 'clock.wrong')
    assert.match(wrong?.cause ?? '', /is 2 h behind those of all 2 peers/)
  })

  it('may be either where there is one peer only', () => {
    assert.equal(codes(judgeClocks({ heard: 1, skews: new Map([['peer-a', -90_000]]) })), 'clock.peer-wrong')
  })
})

describe('the node among others, as the doctor sees it', () => {
  it('has a twin', () => {
    const line = 'another node runs with the identity of this one, at /ip4/10.0.0.3: its home was copied; stop one'
    const [twin] = judgeIdentity([line])
    assert.equal(twin?.code, 'identity.twin')
    assert.equal(twin?.cause, 'another node runs with the identity of this one, at /ip4/10.0.0.3')
    assert.equal(twin?.fix, 'its home was copied; stop one')
    assert.equal(codes(judgeIdentity([])), 'identity.ok')
  })

  it('serves nobody because it is paused, drains, or shares with itself alone', () => {
    const well = { share: 'home', pausedMs: 0, draining: false, hasEngines: true } as const
    assert.equal(codes(judgeServing(well)), 'serving.ok')
    assert.equal(codes(judgeServing({ ...well, pausedMs: Number.POSITIVE_INFINITY })), 'serving.paused')
    assert.equal(codes(judgeServing({ ...well, pausedMs: 60_000, draining: true })), 'serving.draining,serving.paused')
    assert.equal(codes(judgeServing({ ...well, share: 'local' })), 'serving.nobody')
    assert.equal(codes(judgeServing({ ...well, share: 'local', hasEngines: false })), 'serving.ok')
  })

  it('is reached, is not, or listens where nobody else is', () => {
    const facts = { addresses: ['/ip4/192.0.2.1/tcp/4501'], interfaces: ['192.0.2.1'], relays: [] }
    const loopback = { ...facts, addresses: ['/ip4/127.0.0.1/tcp/4501'], dialable: 'yes' } as const
    const all = [
      judgeReach({ ...facts, dialable: 'yes', zone: 'private' }),
      judgeReach({ ...facts, dialable: 'no' }),
      judgeReach({ ...facts, dialable: 'no', relays: [PEER] }),
      judgeReach({ ...facts, dialable: 'unknown' }),
      judgeReach(loopback),
      judgeReach({ ...loopback, interfaces: [] }),
    ]
    assert.equal(codes(all), 'reach.ok,reach.no-way-in,reach.relayed,reach.unknown,reach.loopback,reach.ok')
    assert.equal(all[0]?.cause, 'others dial this node in the local network')
  })

  it('has two relays, one, or needs none', () => {
    const readings = { connections: () => [connection(PEER)] }
    const judged = (relays: readonly string[], dialable: 'yes' | 'no' = 'no') =>
      judgeRelays({ dialable, relays }, readings)
    assert.equal(codes(judged([], 'yes')), 'relays.unneeded')
    assert.equal(codes(judged([])), '')
    assert.equal(codes(judged([PEER])), 'relays.single')
    assert.equal(judged([PEER, 'another'])[0]?.cause, 'relays bring others: …tt6rPxc8 (12 ms away), …another')
  })

  it('has peers that DHT and gossip do not know', () => {
    assert.equal(codes([judgeDht(0, 0), judgeDht(0, 2), judgeDht(1, 2)]), 'dht.alone,dht.empty,dht.ok')
    const [alone, none, some] = [0, 0, 1].map((peers, i) => judgeGossip({ topics: 1, peers }, i))
    assert.deepEqual([alone?.code, none?.code, some?.code], ['gossip.alone', 'gossip.no-mesh', 'gossip.ok'])
  })
})

describe('bootstrap peers, as the doctor sees them', () => {
  const facts: BootstrapFacts = { peer: PEER, addresses: [ADDRESS], dials: [], protocols: [], network: 'main' }
  const ours = ['/realmesh/1.0.0', '/realmesh/main/card/1.0.0', '/ipfs/ping/1.0.0']

  it('are reached or not, of another network, or no realmesh nodes', () => {
    const open = { ...facts, connection: connection(PEER) }
    const refused = { ...facts, dials: [{ address: ADDRESS, problem: 'nothing listens there' }] }
    assert.equal(codes(judgeBootstraps([])), 'bootstrap.none')
    assert.equal(codes(judgeBootstraps([{ ...open, protocols: ours }, open])), 'bootstrap.ok,bootstrap.ok')
    assert.match(judgeBootstraps([open])[0]?.cause ?? '', /12 ms away/)
    assert.equal(codes(judgeBootstraps([refused])), 'bootstrap.unreached')
    assert.match(judgeBootstraps([refused])[0]?.cause ?? '', /…tt6rPxc8 is not reached: nothing listens there/)
    const other = { ...open, protocols: ['/realmesh/lab/card/1.0.0'] }
    assert.equal(codes(judgeBootstraps([other])), 'bootstrap.other-network')
    assert.equal(codes(judgeBootstraps([{ ...open, protocols: ['/ipfs/kad/1.0.0'] }])), 'bootstrap.no-realmesh')
  })

  it('name their networks by their protocols', () => {
    assert.deepEqual(networksOf([...ours, '/realmesh/lab/card/2.0.0']), ['main', 'lab'])
    assert.deepEqual(networksOf(['/realmesh/id/push/1.0.0', '/realmesh/1.0.0']), [])
  })

  it('are dialled only while they are not connected, each at all of its addresses', async () => {
    const dialled: string[] = []
    let open: SeenConnection[] = []
    const readings = {
      peerId: 'self',
      network: 'main',
      connections: () => open,
      told: async () => ({ protocols: ours, addresses: [] }),
      dial: async (_peer: string, address: string) => {
        dialled.push(address)
        return { address, problem: 'nothing listens there' }
      },
    }
    const second = `/ip4/192.0.2.8/tcp/1/p2p/${PEER}`
    const signal = linkedAbort().signal
    const named = [
      { peer: PEER, addresses: [ADDRESS, second] },
      { peer: 'self', addresses: ['/ip4/127.0.0.1/tcp/4501/p2p/self'] },
    ]
    assert.equal(codes(judgeBootstraps(await readBootstraps(named, readings, signal))), 'bootstrap.unreached')
    assert.deepEqual(dialled, [ADDRESS, second])
    open = [connection(PEER)]
    assert.equal(codes(judgeBootstraps(await readBootstraps(named, readings, signal))), 'bootstrap.ok')
    assert.equal(dialled.length, 2)
  })

  it('have names that lead nowhere', () => {
    assert.equal(codes(judgeBootstraps([], ['the name has no records'])), 'bootstrap.unresolved')
  })

  it('are asked over the best of their connections', () => {
    const relayed: Path = { kind: 'relayed', over: 'tcp' }
    const connections = () => [connection(PEER, relayed), connection(PEER), connection('another')]
    assert.deepEqual(connectionWith(PEER, { connections })?.path, LAN)
  })
})

describe('neighbours, as the doctor sees them', () => {
  const near: NeighbourFacts = { id: PEER, addresses: ['/ip4/192.168.1.7/tcp/4501'], connected: true, dials: [] }
  const init = { mdns: true, subnets: ['192.168.1.5/24', '127.0.0.1/8'] }

  it('are reached, kept apart, or in another subnet', () => {
    const lost = { ...near, connected: false, dials: [{ address: near.addresses[0] ?? '', problem: 'no answer' }] }
    const elsewhere = { ...lost, addresses: ['/ip4/127.0.0.1/tcp/4501', '/ip4/10.9.0.7/tcp/4501'] }
    assert.equal(codes(judgeNeighbours([], { ...init, mdns: false })), 'mdns.off')
    assert.equal(codes(judgeNeighbours([], init)), 'mdns.nobody')
    assert.equal(codes(judgeNeighbours([near], init)), 'mdns.ok')
    assert.equal(codes(judgeNeighbours([near, lost], init)), 'mdns.isolated')
    assert.equal(codes(judgeNeighbours([elsewhere], init)), 'mdns.other-subnet')
    assert.match(judgeNeighbours([elsewhere], init)[0]?.cause ?? '', /is at 10\.9\.0\.7 only/)
  })

  it('are kept in mind for two minutes, and no more than a number of them', () => {
    const clock = new ManualClock()
    const heard = new HeardNeighbours({ clock })
    heard.note('first', [])
    clock.advance(120_001)
    assert.deepEqual(heard.lately(), [])
    for (let i = 0; i <= MAX_NOTED_NEIGHBOURS; i += 1) heard.note(`peer-${i}`, Array(20).fill('/ip4/10.0.0.1'))
    assert.equal(heard.lately().length, MAX_NOTED_NEIGHBOURS)
    assert.deepEqual([heard.lately()[0]?.id, heard.lately()[0]?.addresses.length], [`peer-${MAX_NOTED_NEIGHBOURS}`, 8])
  })
})
