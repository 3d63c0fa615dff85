import assert from 'node:assert/strict'
import type { PeerId } from '@libp2p/interface'
import { dhtKey } from '../../../../discovery/dht/dht-keys.ts'
import { dhtPlaceOf, distanceTo } from '../../../../discovery/dht/distance.ts'
import { MAX_ASKED, ProviderWalks, SLOW_MS } from '../../../../discovery/dht/provider-walks.ts'
import { newPeerId, settled } from '../../../support/fake-libp2p.ts'
import { ScriptedDht } from '../../../support/scripted-dht.ts'

const KEY = dhtKey('test', { kind: 'model', name: 'tiny' }, 0)

describe('a walk for the providers of a key', () => {
  /** Farthest from the key first. */
  let peers: readonly PeerId[]
  let dht: ScriptedDht

  before(async () => {
    const place = dhtPlaceOf(KEY.multihash.bytes)
    const distance = (peer: PeerId): Buffer => distanceTo(place, peer.toMultihash().bytes)
    const made = await Promise.all(Array.from({ length: 120 }, newPeerId))
    peers = made.toSorted((a, b) => Buffer.compare(distance(b), distance(a)))
  })

  beforeEach(async () => {
    dht = await ScriptedDht.create()
  })

  function peer(at: number): PeerId {
    return peers.at(at) ?? assert.fail()
  }

  /** Begins to walk; `found` fills as peers are named. */
  function walk(): { readonly found: string[]; readonly over: Promise<void>; readonly leave: AbortController } {
    const found: string[] = []
    const leave = new AbortController()
    const read = async (): Promise<void> => {
      const events = new ProviderWalks(dht.components).findProviders(KEY, { signal: leave.signal })
      for await (const { providers = [] } of events) found.push(...providers.map(({ id }) => id.toString()))
    }
    return { found, over: read(), leave }
  }

  it('begins with connected peers, whatever kad-dht has in its table', async () => {
    dht.connected = [peer(0)]
    dht.answers.set(peer(0).toString(), { providers: [peer(50)] })
    const { found, over } = walk()
    await over
    assert.deepEqual(found, [peer(50).toString()])
  })

  it('goes on to the peers that are named, if they are nearer, each once', async () => {
    dht.inTable = [peer(10)]
    dht.connected = [peer(10), peer(11)]
    dht.answers.set(peer(10).toString(), { closer: [peer(60), peer(5)] })
    dht.answers.set(peer(11).toString(), { closer: [peer(60)] })
    dht.answers.set(peer(60).toString(), { providers: [peer(70)] })
    const { found, over } = walk()
    await over
    assert.deepEqual(found, [peer(70).toString()])
    assert.deepEqual(dht.asked.toSorted(), [peer(10), peer(11), peer(60)].map(String).toSorted())
  })

  it('tells of the records that lie with this node itself', async () => {
    dht.ownRecords = [peer(3)]
    const { found, over } = walk()
    await over
    assert.deepEqual(found, [peer(3).toString()])
  })

  it('passes silent peers by after a moment, and still hears them out', async () => {
    // The nearest ones, as many as are asked at once, say nothing.
    dht.connected = [...peers.slice(-9), peer(0)]
    dht.answers.set(peer(0).toString(), { providers: [peer(50)] })
    const { found, over, leave } = walk()
    await settled()
    assert.equal(dht.asked.length, 9)
    assert.deepEqual(found, [])
    dht.clock.advance(SLOW_MS)
    for (let i = 0; i < 5; i += 1) await settled()
    assert.deepEqual(found, [peer(50).toString()])
    leave.abort()
    await over
    assert.equal(dht.clock.pending, 0)
  })

  it('is not ended by peers that refuse', async () => {
    dht.connected = [peer(-1), peer(0)]
    dht.answers.set(peer(-1).toString(), 'refuses')
    dht.answers.set(peer(0).toString(), { providers: [peer(50)] })
    const { found, over } = walk()
    await over
    assert.deepEqual(found, [peer(50).toString()])
  })

  it('asks a connected peer again that has failed, and no other', async () => {
    dht.connected = [peer(0)]
    dht.inTable = [peer(1)]
    for (const at of [0, 1]) dht.answers.set(peer(at).toString(), 'refuses')
    await walk().over
    assert.deepEqual(dht.asked.toSorted(), [peer(0), peer(0), peer(1)].map(String).toSorted())
  })

  it('asks a bounded number of peers, however many ever nearer ones are named', async () => {
    dht.connected = [peer(0)]
    for (const [i, id] of peers.entries()) {
      dht.answers.set(id.toString(), { closer: peers.slice(i + 1, i + 2) })
    }
    const { over } = walk()
    await over
    assert.equal(dht.asked.length, MAX_ASKED)
  })
})
