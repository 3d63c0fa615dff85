/** Ways into a swarm over real libp2p on loopback: whichever is open, the node comes in and tells how. */
import assert from 'node:assert/strict'
import { Resolver } from 'node:dns/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { addressOf, newPeerId } from '../../support/fake-libp2p.ts'
import { NameServer } from '../../support/name-server.ts'
import { FakeMemory, type SwarmNode, type SwarmNodeOptions, swarmNode, untilKnown } from '../../support/swarm-node.ts'

describe('ways in', () => {
  const nodes: SwarmNode[] = []
  const start = async (options: SwarmNodeOptions = {}): Promise<SwarmNode> => {
    const node = await swarmNode(options)
    nodes.push(node)
    return node
  }
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()))
  })

  it('an address: the first peer, its way and its time are told, on the other side that it was called', async () => {
    const door = await start()
    const node = await start({ bootstrap: door.libp2p.getMultiaddrs() })
    await untilKnown(node, door.id)
    const { first, next, bootstrap } = node.discovery.ways.status()
    assert.deepEqual([first?.way, first?.peer, next], ['bootstrap', door.id, []])
    assert.ok((first?.afterMs ?? 0) > 0)
    assert.deepEqual(
      bootstrap.map(({ peer, connected }) => [peer, connected]),
      [[door.id, true]],
    )
    await untilKnown(door, node.id)
    assert.equal(door.discovery.ways.status().first?.way, 'called')
  })

  it('a name of the owner’s own name server, although it leads to this very machine', async () => {
    const names = new NameServer()
    await names.start()
    const resolver = new Resolver({ timeout: 2_000, tries: 2 })
    resolver.setServers([names.address])
    try {
      const door = await start()
      const listed = door.libp2p.getMultiaddrs().map((address) => `dnsaddr=${address.toString()}`)
      names.records.set('_dnsaddr.swarm.example.org', listed)
      const node = await start({ bootstrap: [multiaddr('/dnsaddr/swarm.example.org')], resolver })
      await untilKnown(node, door.id)
      assert.equal(node.discovery.ways.status().first?.way, 'bootstrap')
    } finally {
      names.stop()
    }
  })

  it('a remembered peer, while every bootstrap node is down', async () => {
    const door = await start()
    const friend = await start({ bootstrap: door.libp2p.getMultiaddrs() })
    const memory = new FakeMemory()
    const before = await swarmNode({ bootstrap: friend.libp2p.getMultiaddrs(), memory })
    await untilKnown(before, friend.id)
    await before.stop()
    await door.stop()
    const dead = [...door.libp2p.getMultiaddrs(), addressOf(await newPeerId())]
    const node = await start({ bootstrap: dead, memory, privateKey: before.privateKey })
    await untilKnown(node, friend.id)
    assert.deepEqual(
      [node.discovery.ways.status().first?.way, node.discovery.ways.status().first?.peer],
      ['remembered', friend.id],
    )
  })
})
