import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { createLibp2pNode, type Libp2pNode } from '../../../../../node/compose/libp2p/libp2p-node.ts'
import { PrivateSwarm } from '../../../../../node/compose/libp2p/private-swarm.ts'

const OURS = new Uint8Array(32).fill(1)
const THEIRS = new Uint8Array(32).fill(2)

describe('private swarm', () => {
  const nodes: Libp2pNode[] = []
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()))
  })

  const start = async (privateSwarm: PrivateSwarm): Promise<Libp2pNode> => {
    const fixed = { network: 'test', listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false, version: '0', allowedTopics: [] }
    const node = await createLibp2pNode({ privateKey: await generateKeyPair('Ed25519'), privateSwarm, ...fixed })
    await node.start()
    nodes.push(node)
    return node
  }
  const dial = async (from: Uint8Array | undefined, to: Uint8Array | undefined): Promise<unknown> => {
    const [node, door] = [await start(new PrivateSwarm(from)), await start(new PrivateSwarm(to))]
    return await node.dial(door.getMultiaddrs())
  }

  it('connects nodes of one key, and nodes of none', async () => {
    await dial(OURS, OURS)
    await dial(undefined, undefined)
  })

  it('carries whole streams', async () => {
    const swarm = new PrivateSwarm(OURS)
    const [node, door] = [await start(swarm), await start(swarm)]
    assert.ok((await node.services.ping.ping(door.getMultiaddrs())) >= 0)
  })

  it('refuses another key in words, on the side that dials', async () => {
    for (let i = 0; i < 5; i += 1) {
      await assert.rejects(dial(OURS, THEIRS), { code: 'PEER_UNREACHABLE', message: /another swarm key/ })
    }
  })

  it('refuses a node without a key, and says so to a node with one that meets such', async () => {
    await assert.rejects(dial(undefined, OURS))
    await assert.rejects(dial(OURS, undefined), {
      code: 'PEER_UNREACHABLE',
      message: /another swarm key than this one, or none/,
    })
  })

  it('takes another key for connections from then on', async () => {
    const mine = new PrivateSwarm(undefined)
    const [node, door] = [await start(mine), await start(new PrivateSwarm(OURS))]
    await assert.rejects(node.dial(door.getMultiaddrs()))
    mine.key = OURS
    await node.dial(door.getMultiaddrs())
  })
})
