import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { createLibp2pNode, type Libp2pNode } from '../../../node/libp2p-node.ts'

const TOPIC = 'alias'

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

describe('@chainsafe/libp2p-gossipsub, the alias', () => {
  const nodes: Libp2pNode[] = []

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
    await speaker.services.pubsub.publish(TOPIC, Buffer.from('hello'))
    assert.equal(await heard, 'hello')
  })
})
