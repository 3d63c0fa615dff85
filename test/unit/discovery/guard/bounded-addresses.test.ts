/** The addresses that libp2p's own peer store keeps of a peer, in a node as the daemon makes it. */
import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { MAX_KEPT_ADDRESSES } from '../../../../discovery/guard/bounded-addresses.ts'
import { createLibp2pNode, type Libp2pNode } from '../../../../node/compose/libp2p/libp2p-node.ts'

/** `count` addresses from number `from` on. */
function addresses(count: number, from = 0): Multiaddr[] {
  return Array.from({ length: count }, (_, i) => multiaddr(`/ip4/198.51.100.7/tcp/${1_000 + from + i}`))
}

describe('addresses of a peer', () => {
  let node: Libp2pNode
  let peer: PeerId

  beforeEach(async () => {
    const privateKey = await generateKeyPair('Ed25519')
    node = await createLibp2pNode({
      privateKey,
      network: 'test',
      listen: [],
      mdns: false,
      version: '0.0.0',
      allowedTopics: [],
    })
    peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  })

  const kept = async (): Promise<readonly string[]> =>
    (await node.peerStore.get(peer)).addresses.map((address) => address.multiaddr.toString()).sort()

  it('that are added again and again are bounded, and those that are known stay', async () => {
    const known = addresses(3)
    await node.peerStore.merge(peer, { multiaddrs: known })
    for (let record = 1; record <= 10; record += 1) {
      await node.peerStore.merge(peer, { multiaddrs: addresses(50, 100 * record) })
    }
    const all = await kept()
    assert.equal(all.length, MAX_KEPT_ADDRESSES)
    for (const address of known) assert.ok(all.includes(address.toString()))
  })

  it('that are added at once are bounded too', async () => {
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => node.peerStore.merge(peer, { multiaddrs: addresses(50, 100 * i) })),
    )
    assert.equal((await kept()).length, MAX_KEPT_ADDRESSES)
  })

  it('that are being added are there for all that reads them, at once: a walk dials the peers that it heard of', async () => {
    const added = node.peerStore.merge(peer, { multiaddrs: addresses(1) })
    assert.equal(await node.peerStore.has(peer), true)
    await added
    const more = node.peerStore.merge(peer, { multiaddrs: addresses(1, 1) })
    assert.deepEqual(await kept(), addresses(2).map(String))
    await more
    const most = node.peerStore.merge(peer, { multiaddrs: addresses(1, 2) })
    assert.equal((await node.peerStore.getInfo(peer)).multiaddrs.length, 3)
    await most
  })

  it('of one peer wait for no other peer', async () => {
    const merge = node.peerStore.merge(peer, { multiaddrs: addresses(MAX_KEPT_ADDRESSES) })
    const order: string[] = []
    const another = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    for (let i = 0; i < 10; i += 1) void node.peerStore.merge(peer, { multiaddrs: addresses(50, 100 * i) })
    const last = node.peerStore.merge(peer, { multiaddrs: addresses(1) }).then(() => order.push('the last of many'))
    await node.peerStore.merge(another, { multiaddrs: addresses(1) }).then(() => order.push('the only one'))
    await Promise.all([merge, last])
    assert.deepEqual(order, ['the only one', 'the last of many'])
  })

  it('that replace others are bounded, and may be others', async () => {
    await node.peerStore.merge(peer, { multiaddrs: addresses(50) })
    const replaced = addresses(2, 100)
    await node.peerStore.patch(peer, { addresses: replaced.map((each) => ({ multiaddr: each, isCertified: true })) })
    assert.deepEqual(await kept(), replaced.map(String))
    await node.peerStore.save(peer, { multiaddrs: addresses(50) })
    assert.equal((await kept()).length, MAX_KEPT_ADDRESSES)
  })

  it('stay when something else of it is written', async () => {
    await node.peerStore.merge(peer, { multiaddrs: addresses(2) })
    await node.peerStore.merge(peer, { tags: { known: { value: 1 } } })
    await node.peerStore.patch(peer, { protocols: ['/test/1.0.0'] })
    assert.deepEqual(await kept(), addresses(2).map(String))
  })

  it('are all kept of this node itself', async () => {
    await node.peerStore.patch(node.peerId, { multiaddrs: addresses(50) })
    assert.equal((await node.peerStore.get(node.peerId)).addresses.length, 50)
  })
})
