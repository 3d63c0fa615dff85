import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { DhtName } from '../../../discovery/dht/dht-keys.ts'
import { federationId } from '../../../protocols/card/federation-certificate.ts'
import { modelLoad } from '../../support/routing.ts'
import { sparePort } from '../../support/spare-port.ts'
import {
  FakeMemory,
  isInDht,
  type SwarmNode,
  type SwarmNodeOptions,
  swarmNode,
  untilKnown,
  untilTable,
} from '../../support/swarm-node.ts'

describe('discovery in a swarm', () => {
  const nodes: SwarmNode[] = []

  async function start(options: SwarmNodeOptions = {}): Promise<SwarmNode> {
    const node = await swarmNode(options)
    nodes.push(node)
    return node
  }

  async function joined(through: SwarmNode, options: SwarmNodeOptions = {}): Promise<SwarmNode> {
    return start({ ...options, bootstrap: through.libp2p.getMultiaddrs() })
  }

  async function end(node: SwarmNode): Promise<void> {
    nodes.splice(nodes.indexOf(node), 1)
    await node.stop()
  }

  /** Asks the DHT until it names the node: the record is written behind the back of the test. */
  async function found(by: SwarmNode, name: DhtName, id: string): Promise<void> {
    while (!(await isInDht(by, name, id)));
  }

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()))
  })

  it('knows whom a connected peer shares with as soon as its owner changes it, and as soon as it is taken back', async () => {
    const a = await start({ models: ['tiny'] })
    const b = await joined(a)
    await Promise.all([untilKnown(a, b.id), untilKnown(b, a.id)])
    for (const share of ['friends', 'home'] as const) {
      a.state.share = share
      a.discovery.changed()
      // Without a word of it the card would be fetched again after five minutes, long after this test has failed.
      await untilTable(b, (table) => table.get(a.id)?.card?.share === share)
    }
  })

  it('fetches the card of a peer when it connects, on both sides', async () => {
    const a = await start({ models: ['tiny'], label: 'first' })
    const b = await joined(a, { label: 'second' })
    await Promise.all([untilKnown(a, b.id), untilKnown(b, a.id)])
    assert.equal(b.table.get(a.id)?.card?.label, 'first')
    assert.deepEqual(b.table.peers()[0]?.models, ['tiny'])
    assert.equal(a.table.get(b.id)?.card?.label, 'second')
  })

  it('tells members of the own federation by certificate, friends by list, and believes no label', async () => {
    const federationKey = await generateKeyPair('Ed25519')
    const friendKey = await generateKeyPair('Ed25519')
    const friends = [{ federation: federationId(friendKey.publicKey) }]
    const hub = await start({ federationKey, label: 'the rigs', friends })
    const member = await joined(hub, { federationKey, label: 'something else' })
    const liar = await joined(hub, { label: 'the rigs' })
    const friend = await joined(hub, { federationKey: friendKey })
    for (const node of [member, liar, friend]) await untilKnown(hub, node.id)
    assert.equal(await hub.discovery.relationOf(member.id), 'home')
    assert.equal(await hub.discovery.relationOf(liar.id), 'stranger')
    assert.equal(await hub.discovery.relationOf(friend.id), 'friend')
    assert.equal(await friend.discovery.relationOf(hub.id), 'stranger')
  })

  it('answers for a peer whose card has not come yet by fetching it over the open connection', async () => {
    const federationKey = await generateKeyPair('Ed25519')
    const a = await start({ federationKey })
    const b = await start({ federationKey })
    await a.libp2p.dial(b.libp2p.getMultiaddrs())
    assert.deepEqual(await Promise.all([a.discovery.relationOf(b.id), a.discovery.relationOf(b.id)]), ['home', 'home'])
  })

  it('finds a node by realm and by model through the DHT, and no node that serves only itself', async () => {
    const hub = await start()
    const rig = await joined(hub, { models: ['Tiny:latest', 'builtin/guide'] })
    const hermit = await joined(hub, { models: ['tiny'], share: 'local' })
    const asker = await joined(hub)
    await found(asker, { kind: 'realm', name: '$CHAT' }, rig.id)
    await found(asker, { kind: 'model', name: 'tiny' }, rig.id)
    assert.equal(await isInDht(asker, { kind: 'model', name: 'tiny' }, hermit.id), false)
    assert.equal(await isInDht(asker, { kind: 'model', name: 'builtin/guide' }, rig.id), false)
    await untilKnown(asker, rig.id)
  })

  it('advertises a model that came later, and its card follows', async () => {
    const hub = await start()
    const rig = await joined(hub, { models: ['tiny'] })
    await untilKnown(hub, rig.id)
    rig.state.models = ['tiny', 'big']
    rig.state.loads = ['tiny', 'big'].map((model) => modelLoad({ model }))
    rig.discovery.changed()
    await found(hub, { kind: 'model', name: 'big' }, rig.id)
    await untilTable(hub, (table) => table.get(rig.id)?.card?.models.length === 2)
  })

  it('hears load over gossip, a step and draining at once', async () => {
    const rig = await start({ models: ['tiny'] })
    const asker = await joined(rig)
    await untilKnown(asker, rig.id)
    await untilTable(asker, (table) => table.get(rig.id)?.load !== undefined)
    rig.state.loads = [modelLoad({ running: 2 })]
    rig.discovery.loadChanged()
    await untilTable(asker, (table) => table.get(rig.id)?.load?.models[0]?.running === 2)
    rig.state.draining = true
    await rig.discovery.draining()
    await untilTable(asker, (table) => table.get(rig.id)?.load?.draining === true)
    assert.ok(asker.discovery.gossipCounters.accepted >= 3)
  })

  it('takes a peer that stops from the routable set at once', async () => {
    const federationKey = await generateKeyPair('Ed25519')
    const rig = await start({ models: ['tiny'], federationKey })
    const asker = await joined(rig, { federationKey })
    await untilKnown(asker, rig.id)
    assert.deepEqual(asker.view.models('$CHAT'), ['tiny'])
    await end(rig)
    await untilTable(asker, (table) => table.get(rig.id)?.connected === false)
    assert.deepEqual(asker.view.models('$CHAT'), [])
  })

  it('joins from memory after a restart when the bootstrap node is gone', async () => {
    const bootstrap = await start()
    const rig = await joined(bootstrap, { models: ['tiny'] })
    const memory = new FakeMemory()
    const asker = await joined(bootstrap, { memory })
    await found(asker, { kind: 'model', name: 'tiny' }, rig.id)
    await untilKnown(asker, rig.id)
    const doors = bootstrap.libp2p.getMultiaddrs()
    await end(asker)
    await end(bootstrap)
    const again = await start({ memory, privateKey: asker.privateKey, bootstrap: doors })
    await untilKnown(again, rig.id)
    assert.equal(again.table.connectedCount, 1)
  })

  it('dials its bootstrap node again when that comes back', async () => {
    const listen = [`/ip4/127.0.0.1/tcp/${await sparePort()}`]
    const door = await start({ listen })
    const node = await joined(door)
    await untilKnown(node, door.id)
    await end(door)
    await untilTable(node, (table) => table.get(door.id)?.connected === false)
    await start({ privateKey: door.privateKey, listen })
    await untilKnown(node, door.id)
  })

  it('dials who announces itself in the local network', async () => {
    const [a, b] = [await start(), await start()]
    const detail = { id: b.libp2p.peerId, multiaddrs: b.libp2p.getMultiaddrs() }
    a.libp2p.dispatchEvent(new CustomEvent('peer:discovery', { detail }))
    await untilKnown(a, b.id)
  })

  it('gets to know the peers of its peers without anybody asking', async () => {
    const hub = await start()
    const rig = await joined(hub, { models: ['tiny'] })
    const asker = await joined(hub)
    await Promise.all([untilKnown(asker, rig.id), untilKnown(rig, asker.id)])
  })
})
