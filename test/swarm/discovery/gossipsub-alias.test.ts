import assert from 'node:assert/strict'
import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { createLibp2pNode, type Libp2pNode } from '../../../node/compose/libp2p/libp2p-node.ts'
import { publishTo } from '../../support/publish-to.ts'

const TOPIC = 'alias'
/** By its usual scores gossipsub would hear none of so many. */
const NEIGHBOURS = 16

async function node(): Promise<Libp2pNode> {
  const started = await createLibp2pNode({
    privateKey: await generateKeyPair('Ed25519'),
    network: 'alias',
    listen: ['/ip4/127.0.0.1/tcp/0'],
    mdns: false,
    version: '0.0.0',
    allowedTopics: [TOPIC],
  })
  await started.start()
  return started
}

/** A node that does nothing but gossip. */
function speaker() {
  return createLibp2p({
    addresses: { listen: [] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify({ protocolPrefix: 'realmesh' }),
      pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }),
    },
  })
}

describe('@chainsafe/libp2p-gossipsub, the alias', () => {
  const nodes: Pick<Libp2pNode, 'stop'>[] = []

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((each) => each.stop()))
  })

  it('delivers a message between two nodes: other versions stay silent inside libp2p 3 without any error', async () => {
    const [speaker, listener] = [await node(), await node()]
    nodes.push(speaker, listener)
    const heard = new Promise<string>((resolve) => {
      listener.services.pubsub.addEventListener('message', ({ detail }) => resolve(Buffer.from(detail.data).toString()))
    })
    const subscribed = new Promise<void>((resolve) => {
      speaker.services.pubsub.addEventListener('subscription-change', () => resolve())
    })
    listener.services.pubsub.subscribe(TOPIC)
    speaker.services.pubsub.subscribe(TOPIC)
    await speaker.dial(listener.getMultiaddrs())
    await subscribed
    await publishTo(speaker.services.pubsub, listener.peerId, TOPIC, Buffer.from('hello'))
    assert.equal(await heard, 'hello')
  })

  it('hears each of many neighbours behind one address: a home has one, and so has this machine', async () => {
    const listener = await node()
    const speakers = await Promise.all(Array.from({ length: NEIGHBOURS }, speaker))
    nodes.push(listener, ...speakers)
    const heard = new Set<string>()
    const all = new Promise<void>((resolve) => {
      listener.services.pubsub.addEventListener('message', ({ detail }) => {
        heard.add(Buffer.from(detail.data).toString())
        if (heard.size === NEIGHBOURS) resolve()
      })
    })
    listener.services.pubsub.subscribe(TOPIC)
    for (const each of speakers) {
      const { pubsub } = each.services
      const subscribed = new Promise<void>((resolve) => {
        pubsub.addEventListener('subscription-change', () => resolve(), { once: true })
      })
      pubsub.subscribe(TOPIC)
      await each.dial(listener.getMultiaddrs())
      await subscribed
    }
    for (const [n, { services }] of speakers.entries()) {
      await publishTo(services.pubsub, listener.peerId, TOPIC, Buffer.from(`I am ${n}`))
    }
    await all
  })
})
