import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { silentLogger } from '../../../../core/logger.ts'
import { DhtAdvertiser, MAX_ADVERTISED_NAMES } from '../../../../discovery/dht/dht-advertiser.ts'
import { bucketOf, bucketsOf, type DhtName, dhtKey } from '../../../../discovery/dht/dht-keys.ts'
import { settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { until } from '../../../support/until.ts'

function realm(name: string): DhtName {
  return { kind: 'realm', name }
}

async function setUp(...names: readonly DhtName[]) {
  const clock = new ManualClock(0)
  const state = {
    names,
    peers: true,
    holders: 1,
    written: [] as string[],
    withdrawn: [] as string[],
    running: 0,
    most: 0,
  }
  const dht = {
    async *provide(key: CID) {
      state.running += 1
      state.most = Math.max(state.most, state.running)
      await Promise.resolve()
      state.running -= 1
      state.written.push(key.toString())
      for (let i = 0; i < state.holders; i++) yield { name: 'PEER_RESPONSE' }
    },
    cancelReprovide: async (key: CID) => {
      state.withdrawn.push(key.toString())
    },
  }
  const advertiser = new DhtAdvertiser(
    { dht, clock, log: silentLogger, names: () => state.names, hasPeers: () => state.peers },
    { network: 'test', self: 'self', intervalMs: 3_600_000, rng: () => 0.5 },
  )
  await advertiser.start()
  await settled()
  const key = (name: DhtName): string => dhtKey('test', name, bucketOf('self')).toString()
  return { clock, state, advertiser, key }
}

describe('DHT advertiser', () => {
  it('writes every name into buckets of the own peer id, a model into two, two at a time', async () => {
    const names: readonly DhtName[] = [realm('$CHAT'), { kind: 'model', name: 'a' }, { kind: 'model', name: 'b' }]
    const { state, advertiser } = await setUp(...names)
    const keys = names.flatMap((name) =>
      bucketsOf('self', name.kind).map((bucket) => dhtKey('test', name, bucket).toString()),
    )
    assert.equal(new Set(keys).size, 5)
    assert.deepEqual([...state.written].sort(), keys.sort())
    assert.equal(state.most, 2)
    await advertiser.stop()
  })

  it('writes again by the interval', async () => {
    const { clock, state, advertiser } = await setUp(realm('a'))
    clock.advance(3_599_999)
    await settled()
    assert.equal(state.written.length, 1)
    clock.advance(1)
    await settled()
    assert.equal(state.written.length, 2)
    await advertiser.stop()
    assert.equal(clock.pending, 0)
  })

  it('takes up another interval at once', async () => {
    const { clock, state, advertiser } = await setUp(realm('a'))
    advertiser.setInterval(60_000)
    clock.advance(60_000)
    await settled()
    assert.equal(state.written.length, 2)
    advertiser.setInterval(3_600_000)
    clock.advance(60_000)
    await settled()
    assert.equal(state.written.length, 3, 'what was due stays due')
    clock.advance(3_599_999)
    await settled()
    assert.equal(state.written.length, 3)
    await advertiser.stop()
    assert.equal(clock.pending, 0)
  })

  it('on a change writes only what is new, and withdraws what is gone', async () => {
    const { state, advertiser, key } = await setUp(realm('a'), realm('b'))
    state.names = [realm('b'), realm('c')]
    advertiser.changed()
    await settled()
    assert.deepEqual(state.written.slice(2), [key(realm('c'))])
    assert.deepEqual(state.withdrawn, [key(realm('a'))])
    await advertiser.stop()
  })

  it('tries again when nobody took the record, waiting longer up to five minutes', async () => {
    const { clock, state, advertiser } = await setUp()
    state.holders = 0
    state.names = [realm('a')]
    advertiser.changed()
    await settled()
    const at: number[] = []
    for (let second = 1; second <= 1_110; second += 1) {
      const before = state.written.length
      clock.advance(1_000)
      await settled()
      if (state.written.length > before) at.push(clock.monotonic() / 1_000)
    }
    assert.deepEqual(at, [2, 6, 14, 30, 62, 126, 254, 510, 810, 1_110])
    state.holders = 1
    clock.advance(300_000)
    await settled()
    clock.advance(3_000_000)
    await settled()
    assert.equal(state.written.length, 12)
    await advertiser.stop()
  })

  it('writes nothing while it is alone, and at once when somebody comes', async () => {
    const { clock, state, advertiser } = await setUp()
    state.peers = false
    state.names = [realm('a')]
    advertiser.changed()
    clock.advance(600_000)
    await settled()
    assert.equal(state.written.length, 0)
    state.peers = true
    advertiser.changed()
    await settled()
    assert.equal(state.written.length, 1)
    await advertiser.stop()
  })

  it('writes a bounded number of names', async () => {
    const { state, advertiser } = await setUp(...Array.from({ length: 500 }, (_, i) => realm(`m${i}`)))
    await until('all is written', () => state.running === 0 && state.written.length >= MAX_ADVERTISED_NAMES)
    await settled()
    assert.equal(state.written.length, MAX_ADVERTISED_NAMES)
    await advertiser.stop()
  })
})
