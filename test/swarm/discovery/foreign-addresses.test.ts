/** Addresses that strangers name: the trap listens on this machine, where a node has no business unless it was told. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:net'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { eventually } from '../../support/daemon.ts'
import { type SwarmNode, swarmNode } from '../../support/swarm-node.ts'

const CRAFTED = 1_000

async function somebody(): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

describe('addresses of this machine that strangers name', function () {
  this.timeout(60_000)
  let node: SwarmNode
  let trap: Server
  let reached: number
  let trapped: Multiaddr

  beforeEach(async function () {
    if (process.platform !== 'linux') this.skip() // elsewhere loopback is one address
    reached = 0
    trap = createServer((socket) => {
      reached += 1
      socket.on('error', () => {}).destroy()
    })
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.2', resolve))
    const address = trap.address()
    trapped = multiaddr(`/ip4/127.0.0.2/tcp/${typeof address === 'object' ? address?.port : 0}`)
  })

  afterEach(async () => {
    await node.stop()
    trap.close()
  })

  /** As many ways to name the trap as an address has. */
  function disguised(i: number): Multiaddr[] {
    const port = trapped.getComponents()[1]?.value
    const ways = [`/ip4/127.0.0.2/tcp/${port}`, `/ip6/::ffff:127.0.0.2/tcp/${port}`, `/ip6/::ffff:7f00:2/tcp/${port}`]
    return [multiaddr(ways[i % ways.length])]
  }

  it(`are dialled by none of ${CRAFTED} peer infos, whoever starts the dial`, async () => {
    node = await swarmNode()
    let denied = 0
    for (let i = 0; i < CRAFTED; i += 1) {
      const id = await somebody()
      const multiaddrs = disguised(i)
      // What a DHT answer or an identify message comes to: the peer store, which tells discovery, which dials; and libp2p by itself.
      await node.libp2p.peerStore.merge(id, { multiaddrs })
      node.libp2p.dispatchEvent(new CustomEvent('peer:discovery', { detail: { id, multiaddrs } }))
      await assert.rejects(node.libp2p.dial(id), (error: Error) => {
        denied += Number(error.name === 'DialDeniedError')
        return true
      })
    }
    assert.equal(denied, CRAFTED)
    assert.equal(reached, 0)
  })

  it('are dialled when the owner names them', async () => {
    node = await swarmNode({ bootstrap: [trapped.encapsulate(`/p2p/${(await somebody()).toString()}`)] })
    await eventually('the trap is reached', () => reached > 0)
  })
})
