import assert from 'node:assert/strict'
import type { PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { silentLogger } from '../../../../core/logger.ts'
import { DHT_BUCKETS, type DhtName, dhtKey } from '../../../../discovery/dht/dht-keys.ts'
import { DhtLookup, MAX_PROVIDERS_PER_KEY } from '../../../../discovery/dht/dht-lookup.ts'
import { ANSWERS_TO_SETTLE } from '../../../../discovery/dht/walk-progress.ts'
import { newPeerId, settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const CHAT: DhtName = { kind: 'realm', name: '$CHAT' }
const { signal } = new AbortController()

function found(id: string) {
  return { id: { toString: () => id } as PeerId, multiaddrs: [] }
}

function setUp() {
  const clock = new ManualClock(0)
  const asked: string[] = []
  const records = new Map<string, readonly string[]>()
  const state = { broken: new Set<string>(), silent: false, answers: [] as PeerId[], given: 0, left: 0 }
  const dht = {
    async *findProviders(key: CID) {
      asked.push(key.toString())
      try {
        yield { name: 'SEND_QUERY' }
        if (state.silent) await new Promise(() => {})
        if (state.broken.has(key.toString())) throw new Error('stream reset')
        for (const id of records.get(key.toString()) ?? []) yield { name: 'PROVIDER', providers: [found(id)] }
        for (const from of state.answers) {
          state.given += 1
          yield { name: 'PEER_RESPONSE', from, closer: [], providers: [] }
        }
      } finally {
        state.left += 1
      }
    },
  }
  const lookup = new DhtLookup({ dht, clock, log: silentLogger }, { network: 'test', self: 'self' })
  const put = (bucket: number, ...ids: readonly string[]): void => {
    records.set(dhtKey('test', CHAT, bucket).toString(), ids)
  }
  const all = async (): Promise<string[]> => {
    const hints: string[] = []
    await lookup.all(CHAT, { signal, onHint: ({ id }) => hints.push(id) })
    return hints.sort()
  }
  return { clock, asked, state, lookup, put, all }
}

describe('DHT lookup', () => {
  it('asks for all buckets of a name, and leaves this node out', async () => {
    const { asked, put, all } = setUp()
    put(3, 'a', 'self')
    put(15, 'b')
    assert.deepEqual(await all(), ['a', 'b'])
    assert.equal(new Set(asked).size, DHT_BUCKETS)
  })

  it('takes a bounded number of providers from one key, each once', async () => {
    const { put, all } = setUp()
    put(0, 'a', 'a', ...Array.from({ length: 500 }, (_, i) => `p${i}`))
    const hints = await all()
    assert.equal(hints.length, MAX_PROVIDERS_PER_KEY)
    assert.equal(new Set(hints).size, MAX_PROVIDERS_PER_KEY)
  })

  it('goes on when one bucket cannot be read', async () => {
    const { state, put, all } = setUp()
    state.broken.add(dhtKey('test', CHAT, 0).toString())
    put(9, 'a')
    assert.deepEqual(await all(), ['a'])
  })

  it('leaves a walk that is settled', async () => {
    const { state, lookup } = setUp()
    state.answers = await Promise.all(Array.from({ length: 12 }, newPeerId))
    await lookup.bucket(CHAT, 0, { signal, onHint: () => {} })
    assert.equal(state.given, ANSWERS_TO_SETTLE)
    assert.equal(state.left, 1)
  })

  it('tells whether peers have answered, also where they know nothing', async () => {
    const { state, lookup } = setUp()
    const options = { signal, onHint: () => {} }
    assert.equal(await lookup.bucket(CHAT, 0, options), false)
    state.answers = [await newPeerId()]
    assert.equal(await lookup.bucket(CHAT, 0, options), true)
    assert.equal(await lookup.all(CHAT, options), true)
    state.broken.add(dhtKey('test', CHAT, 7).toString())
    assert.equal(await lookup.all(CHAT, options), false)
  })

  it('begins a walk anew that no peer has answered, while the others go on', async () => {
    const { clock, asked, state, lookup } = setUp()
    const key = dhtKey('test', CHAT, 7).toString()
    state.answers = [await newPeerId()]
    state.broken.add(key)
    const answered = lookup.all(CHAT, { signal, onHint: () => {}, againMs: 1_000 })
    await settled()
    clock.advance(999)
    assert.equal(asked.length, DHT_BUCKETS)
    state.broken.delete(key)
    clock.advance(1)
    assert.equal(await answered, true)
    assert.deepEqual(asked.slice(DHT_BUCKETS), [key])
    assert.equal(clock.pending, 0)
  })

  it('ends at the time limit and with its signal, also when the DHT is deaf to both', async () => {
    const { clock, state, lookup } = setUp()
    state.silent = true
    const late = lookup.bucket(CHAT, 0, { signal, onHint: () => {} })
    clock.advance(15_000)
    await late
    const patient = lookup.all(CHAT, { signal, onHint: () => {}, limitMs: 20_000 })
    clock.advance(19_999)
    assert.equal(clock.pending, DHT_BUCKETS)
    clock.advance(1)
    await patient
    const abort = new AbortController()
    const cancelled = lookup.all(CHAT, { signal: abort.signal, onHint: () => {} })
    abort.abort()
    await cancelled
    assert.equal(clock.pending, 0)
  })
})
