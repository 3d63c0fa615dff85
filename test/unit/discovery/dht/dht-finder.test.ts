import assert from 'node:assert/strict'
import type { PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { silentLogger } from '../../../../core/logger.ts'
import type { PeerHint } from '../../../../discovery/contact/peer-dialer.ts'
import { CACHE_MS, DhtFinder, MAX_PROVIDERS_PER_KEY } from '../../../../discovery/dht/dht-finder.ts'
import { DHT_BUCKETS, type DhtName, dhtKey } from '../../../../discovery/dht/dht-keys.ts'
import { settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const CHAT: DhtName = { kind: 'realm', name: '$CHAT' }
const { signal } = new AbortController()

function provider(id: string) {
  return { id: { toString: () => id } as PeerId, multiaddrs: [] }
}

function setUp() {
  const clock = new ManualClock(0)
  const asked: string[] = []
  const hints: PeerHint[] = []
  const records = new Map<string, readonly string[]>()
  const broken = new Set<string>()
  const state = { peers: true }
  const dht = {
    async *findProviders(key: CID) {
      asked.push(key.toString())
      yield { name: 'SEND_QUERY' }
      if (broken.has(key.toString())) throw new Error('stream reset')
      for (const id of records.get(key.toString()) ?? []) yield { name: 'PROVIDER', providers: [provider(id)] }
    },
  }
  const finder = new DhtFinder(
    { dht, clock, log: silentLogger, hasPeers: () => state.peers, onHint: (hint) => hints.push(hint) },
    { network: 'test', self: 'self', realms: ['$CHAT'], rng: () => 0.5 },
  )
  const put = (name: DhtName, bucket: number, ...ids: readonly string[]): void => {
    records.set(dhtKey('test', name, bucket).toString(), ids)
  }
  return { clock, asked, hints, state, finder, put, broken }
}

describe('DHT finder', () => {
  it('asks all buckets for a name, and leaves itself out', async () => {
    const { asked, finder, put } = setUp()
    put(CHAT, 3, 'a', 'self')
    put(CHAT, 15, 'b', 'a')
    const found = await finder.find(CHAT, { signal })
    assert.deepEqual(found.map(({ id }) => id).sort(), ['a', 'b'])
    assert.equal(new Set(asked).size, DHT_BUCKETS)
  })

  it('stops asking when it has enough, and takes a bounded number from one key', async () => {
    const { asked, finder, put } = setUp()
    for (let bucket = 0; bucket < DHT_BUCKETS; bucket++) {
      put(CHAT, bucket, ...Array.from({ length: 500 }, (_, i) => `p${bucket}-${i}`))
    }
    const found = await finder.find(CHAT, { signal })
    assert.equal(asked.length, 4)
    assert.equal(found.length, 4 * MAX_PROVIDERS_PER_KEY)
  })

  it('goes on when one bucket cannot be read', async () => {
    const { finder, put, broken } = setUp()
    broken.add(dhtKey('test', CHAT, 0).toString())
    put(CHAT, 9, 'a')
    assert.deepEqual(
      (await finder.find(CHAT, { signal })).map(({ id }) => id),
      ['a'],
    )
  })

  it('keeps what it found for a while, and never that nothing was found', async () => {
    const { clock, asked, finder, put } = setUp()
    put(CHAT, 2, 'a')
    await finder.find(CHAT, { signal })
    asked.length = 0
    await finder.find(CHAT, { signal })
    assert.equal(asked.length, DHT_BUCKETS - 1)
    clock.advance(CACHE_MS)
    asked.length = 0
    await finder.find(CHAT, { signal })
    assert.equal(asked.length, DHT_BUCKETS)
  })

  it('looks in the background, a few buckets at a time, ever more rarely, until all were asked', async () => {
    const { clock, asked, hints, finder, put } = setUp()
    put(CHAT, 7, 'a')
    await finder.start()
    const rounds: [number, number][] = []
    while (clock.monotonic() < 60_000) {
      const before = asked.length
      clock.advance(1_000)
      await settled()
      await settled()
      if (asked.length > before) rounds.push([clock.monotonic(), asked.length - before])
    }
    assert.deepEqual(rounds, [
      [2_000, 4],
      [6_000, 4],
      [14_000, 4],
      [30_000, 4],
    ])
    assert.equal(new Set(asked).size, DHT_BUCKETS)
    assert.deepEqual(
      hints.map(({ id }) => id),
      ['a'],
    )
    await finder.stop()
    assert.equal(clock.pending, 0)
  })

  it('looks for a wanted model soon, and asks nobody while it is alone', async () => {
    const { clock, asked, state, finder } = setUp()
    await finder.start()
    state.peers = false
    clock.advance(120_000)
    await settled()
    assert.equal(asked.length, 0)
    state.peers = true
    finder.wantModel('big')
    clock.advance(2_000)
    for (let i = 0; i < 10; i++) await settled()
    const ofModel = Array.from({ length: DHT_BUCKETS }, (_, i) =>
      dhtKey('test', { kind: 'model', name: 'big' }, i).toString(),
    )
    assert.equal(asked.filter((key) => ofModel.includes(key)).length, 4)
    await finder.stop()
  })

  it('looks for other realms when it is told so, and soon for a new one only', async () => {
    const { clock, asked, finder } = setUp()
    await finder.start()
    clock.advance(120_000)
    await settled()
    asked.length = 0
    finder.lookFor(['$CHAT'])
    clock.advance(2_000)
    for (let i = 0; i < 10; i++) await settled()
    assert.deepEqual(asked, [])
    finder.lookFor(['$CODE'])
    clock.advance(2_000)
    for (let i = 0; i < 10; i++) await settled()
    const keys = Array.from({ length: DHT_BUCKETS }, (_, i) => dhtKey('test', { kind: 'realm', name: '$CODE' }, i))
    const known = new Set(keys.map(String))
    assert.equal(asked.length, 4)
    assert.ok(asked.every((key) => known.has(key)))
    await finder.stop()
  })
})
