import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { BoundedRecords } from '../../../../discovery/dht/bounded-records.ts'
import { createLibp2pNode } from '../../../../node/compose/libp2p/libp2p-node.ts'

/** Of libp2p's DHT. */
interface Providers {
  addProvider(cid: CID, provider: PeerId): Promise<void>
}

type Key = Parameters<BoundedRecords['put']>[0]

function key(text: string): Key {
  return { toString: () => text } as Key
}

function setUp() {
  const store = new BoundedRecords({ maxRecords: 5, maxPerPeer: 3 })
  const put = (...texts: readonly string[]): void => {
    for (const text of texts) store.put(key(text), Uint8Array.of(1))
  }
  const kept = (...texts: readonly string[]): readonly string[] => texts.filter((text) => store.has(key(text)))
  return { store, put, kept }
}

const record = (name: string, peer: string): string => `/dht/provider/${name}/${peer}`

describe('DHT records', () => {
  it('of one peer are the latest few', () => {
    const { put, kept } = setUp()
    const all = ['a', 'b', 'c', 'd'].map((name) => record(name, 'peer'))
    put(...all.slice(0, 3), record('a', 'peer'), ...all.slice(3))
    assert.deepEqual(kept(...all), [record('a', 'peer'), record('c', 'peer'), record('d', 'peer')])
  })

  it('of all peers are the latest', () => {
    const { put, kept } = setUp()
    const all = ['p', 'q', 'r'].flatMap((peer) => ['a', 'b'].map((name) => record(name, peer)))
    put(...all)
    assert.deepEqual(kept(...all), all.slice(1))
  })

  it('that were deleted make room', () => {
    const { store, put, kept } = setUp()
    const all = ['a', 'b', 'c', 'd'].map((name) => record(name, 'peer'))
    put(...all.slice(0, 3))
    store.delete(key(record('b', 'peer')))
    put(...all.slice(3))
    assert.deepEqual(kept(...all), [record('a', 'peer'), record('c', 'peer'), record('d', 'peer')])
  })

  it('push out nothing else of what libp2p keeps', () => {
    const { put, kept } = setUp()
    const others = Array.from({ length: 20 }, (_, i) => `/peers/${i}`)
    put(...others, ...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => record(name, name)))
    assert.deepEqual(kept(...others), others)
  })

  it('are written by libp2p as they are told apart here', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const node = await createLibp2pNode({
      privateKey,
      network: 'test',
      listen: ['/ip4/127.0.0.1/tcp/0'],
      mdns: false,
      version: '0.0.0',
      allowedTopics: [],
    })
    const { components, services } = node as unknown as {
      readonly components: { readonly datastore: BoundedRecords }
      readonly services: { readonly dht: { readonly providers: Providers } }
    }
    const { datastore } = components
    const written: string[] = []
    const put = datastore.put.bind(datastore)
    datastore.put = (...args) => {
      written.push(args[0].toString())
      return put(...args)
    }
    await services.dht.providers.addProvider(CID.createV1(0x55, identity.digest(Buffer.from('a model'))), node.peerId)
    assert.ok(
      written.some((text) => text.startsWith('/dht/provider/') && text.endsWith(`/${node.peerId.toString()}`)),
      written.join(' '),
    )
  })
})
