import assert from 'node:assert/strict'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../../../core/logger.ts'
import type { PeerHint } from '../../../../discovery/contact/peer-dialer.ts'
import type { PublicDht } from '../../../../discovery/rendezvous/public-dht.ts'
import { OTHERS_FIRST_MS, Rendezvous } from '../../../../discovery/rendezvous/rendezvous.ts'
import { settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const HOUR_MS = 3_600_000
const HERE = multiaddr('/ip4/203.0.113.7/tcp/4501')
const FOUND: PeerHint = { id: 'found', addresses: [HERE] }

/** A public DHT that notes what is done there. */
class NotedDht implements PublicDht {
  readonly written: string[] = []
  readonly looked: string[] = []
  left = false
  readonly found: readonly PeerHint[]

  constructor(found: readonly PeerHint[]) {
    this.found = found
  }

  async provide(key: { toString(): string }): Promise<void> {
    this.written.push(key.toString())
  }

  async find(key: { toString(): string }, onFound: (hint: PeerHint) => void): Promise<void> {
    this.looked.push(key.toString())
    this.found.forEach(onFound)
  }

  async leave(): Promise<void> {
    this.left = true
  }
}

describe('rendezvous', () => {
  let clock: ManualClock
  let connected: number
  let shown: readonly Multiaddr[]
  let visits: NotedDht[]
  let found: readonly PeerHint[]
  let suggested: string[]
  let refused: Error | undefined
  let rendezvous: Rendezvous

  beforeEach(async () => {
    clock = new ManualClock(0)
    connected = 0
    shown = [HERE]
    visits = []
    found = []
    suggested = []
    refused = undefined
    rendezvous = new Rendezvous(
      {
        visit: async () => {
          if (refused !== undefined) throw refused
          const dht = new NotedDht(found)
          visits.push(dht)
          return dht
        },
        resolver: { resolveTxt: async () => [] },
        shown: () => shown,
        connected: () => connected,
        suggest: ({ id }) => suggested.push(id),
        clock,
        log: silentLogger,
      },
      {
        network: 'main',
        secret: undefined,
        epochMs: 3 * HOUR_MS,
        enoughPeers: 2,
        bootstrap: ['/ip4/203.0.113.1/tcp/4001/p2p/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'],
        rng: () => 0.5,
      },
    )
    await rendezvous.start()
  })
  afterEach(async () => {
    await rendezvous.stop()
    assert.equal(clock.pending, 0)
    assert.ok(visits.every(({ left }) => left))
  })

  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await settled()
  }

  it('goes nowhere while the other ways are tried, and never where they brought enough peers', async () => {
    await pass(OTHERS_FIRST_MS - 1)
    assert.deepEqual([visits.length, rendezvous.status().state], [0, 'waiting'])
    connected = 2
    await pass(HOUR_MS)
    assert.deepEqual([visits.length, rendezvous.status().state], [0, 'left'])
  })

  it('is written and looks under the keys of this epoch and the one before, and hands on whom it finds', async () => {
    found = [FOUND]
    await pass(OTHERS_FIRST_MS)
    const [visit] = visits
    assert.equal(visit?.written.length, 2)
    assert.deepEqual(visit?.looked, visit?.written)
    assert.deepEqual(suggested, ['found', 'found'])
    assert.deepEqual(rendezvous.status(), { state: 'looking', shown: true, found: 1 })
  })

  it('leaves as soon as there are enough peers, and comes back when they are few', async () => {
    await pass(OTHERS_FIRST_MS)
    connected = 2
    rendezvous.peersChanged()
    await pass(0)
    assert.deepEqual([visits[0]?.left, rendezvous.status().state], [true, 'left'])
    connected = 1
    await pass(60_000)
    assert.deepEqual([visits.length, rendezvous.status().state], [2, 'looking'])
  })

  it('looks ever more rarely, but again when the epoch is another one, under its key', async () => {
    await pass(OTHERS_FIRST_MS)
    const [visit] = visits
    await pass(29_999)
    assert.equal(visit?.looked.length, 2)
    await pass(1)
    assert.equal(visit?.looked.length, 4)
    await pass(30_000)
    assert.equal(visit?.looked.length, 4)
    await pass(30_000)
    assert.equal(visit?.looked.length, 6)
    assert.equal(visit?.written.length, 2)
    await pass(3 * HOUR_MS)
    assert.equal(new Set(visit?.looked).size, 3)
    assert.equal(visit?.written.length, 3)
  })

  it('shows nobody an address that few can dial: without another it only looks, and is written once it has one', async () => {
    shown = []
    await pass(OTHERS_FIRST_MS)
    assert.deepEqual([visits[0]?.written, rendezvous.status().shown], [[], false])
    assert.equal(visits[0]?.looked.length, 2)
    shown = [HERE]
    await pass(30_000)
    assert.deepEqual([visits.length, visits[0]?.left, visits[1]?.written.length], [2, true, 2])
  })

  it('says why it cannot go there, and tries again', async () => {
    refused = new Error('no way to the internet')
    await pass(OTHERS_FIRST_MS)
    assert.match(rendezvous.status().cause ?? '', /no way to the internet/)
    refused = undefined
    await pass(30_000)
    assert.equal(rendezvous.status().cause, undefined)
    assert.equal(visits.length, 1)
  })
})
