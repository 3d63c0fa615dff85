/** A peer whom the owner blocks while the node runs, against a node's whole side towards the swarm. */
import assert from 'node:assert/strict'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { queryProtocol } from '../../../protocols/query/constants.ts'
import { libp2pNode } from '../../support/libp2p-node.ts'
import { RawLane } from '../../support/libp2p-raw-lane.ts'
import { type SwarmSide, swarmSide } from '../../support/swarm-side.ts'

describe('a peer whom the owner blocks', () => {
  let node: SwarmSide
  let peer: Libp2p

  beforeEach(async () => {
    node = await swarmSide(async function* () {
      yield { kind: 'end', finishReason: 'stop' }
    })
    peer = await libp2pNode()
  })

  afterEach(async () => {
    await Promise.all([peer.stop(), node.stop()])
  })

  async function asked(): Promise<string | undefined> {
    const addresses = node.addresses().map((address) => multiaddr(address))
    const lane = new RawLane(await peer.dialProtocol(addresses, queryProtocol('test')))
    lane.ask()
    return (await lane.nextAnswer()).events[0]?.end?.finishReason
  }

  const block = (blocked: readonly string[]): void => {
    node.aimAt({ bootstrap: [], realms: ['$CHAT'], advertiseIntervalMs: 3_600_000, blocked })
  }

  it('is cut off at once, kept out, and served again once it is unblocked', async () => {
    assert.equal(await asked(), 'stop')
    const cut = new Promise((resolve) => {
      peer.addEventListener('peer:disconnect', resolve)
    })
    block([peer.peerId.toString()])
    await cut
    assert.deepEqual(node.denied(), [{ id: peer.peerId.toString(), reason: 'blocked by the owner' }])
    await assert.rejects(asked())
    block([])
    assert.equal(await asked(), 'stop')
  })
})
