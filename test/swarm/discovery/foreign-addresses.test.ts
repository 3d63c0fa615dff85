/** Addresses that strangers name: the trap listens on this machine, where a node has no business unless it was told. */
import assert from 'node:assert/strict'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { eventually } from '../../support/daemon.ts'
import { newPeerId } from '../../support/fake-libp2p.ts'
import { skip } from '../../support/skip.ts'
import { FakeMemory, type SwarmNode, swarmNode, untilKnown } from '../../support/swarm-node.ts'
import { swarmSide } from '../../support/swarm-side.ts'
import { type Trap, trapAt } from '../../support/trap.ts'
import { volume } from '../../support/volume.ts'

const CRAFTED = volume(200, 1_000)

describe('addresses of this machine that strangers name', () => {
  let node: SwarmNode | undefined
  let trap: Trap

  beforeEach(async function () {
    if (process.platform !== 'linux') skip(this, 'only Linux answers at every address of 127.0.0.0/8')
    trap = await trapAt('127.0.0.2')
  })

  afterEach(async () => {
    await node?.stop()
    node = undefined
    trap.close()
  })

  /** As many ways to name the trap as an address has. */
  function disguised(i: number): Multiaddr[] {
    const hosts = ['ip4/127.0.0.2', 'ip6/::ffff:127.0.0.2', 'ip6/::ffff:7f00:2']
    return [multiaddr(`/${hosts[i % hosts.length]}/tcp/${trap.port}`)]
  }

  it(`are dialled by none of ${CRAFTED} peer infos, whoever starts the dial`, async () => {
    node = await swarmNode()
    let denied = 0
    for (let i = 0; i < CRAFTED; i += 1) {
      const id = await newPeerId()
      const multiaddrs = disguised(i)
      // What a DHT answer or an identify message comes to: the peer store, which tells discovery, which dials; and
      // libp2p by itself.
      await node.libp2p.peerStore.merge(id, { multiaddrs })
      node.libp2p.dispatchEvent(new CustomEvent('peer:discovery', { detail: { id, multiaddrs } }))
      await assert.rejects(node.libp2p.dial(id), (error: Error) => {
        denied += Number(error.name === 'DialDeniedError')
        return true
      })
    }
    assert.equal(denied, CRAFTED)
    assert.equal(trap.reached(), 0)
  })

  it('are dialled when a neighbour announces himself there', async () => {
    node = await swarmNode({ mdns: true })
    const neighbour = await swarmNode({ mdns: true, listen: ['/ip4/127.0.0.3/tcp/0'] })
    try {
      await untilKnown(node, neighbour.id)
    } finally {
      await neighbour.stop()
    }
  })

  it('are dialled when the owner names them', async () => {
    node = await swarmNode({ bootstrap: [trap.address.encapsulate(`/p2p/${(await newPeerId()).toString()}`)] })
    await eventually('the trap is reached', () => trap.reached() > 0)
  })

  it('are dialled where a node of the own federation was, not where a stranger says that he was', async () => {
    const own = await trapAt('127.0.0.3')
    const memory = new FakeMemory()
    const remember = async (relation: string, { address }: Trap) => ({
      id: (await newPeerId()).toString(),
      addresses: [address.toString()],
      lastContactMs: Date.now(),
      relation,
    })
    memory.saved = [await remember('stranger', trap), await remember('friend', trap), await remember('home', own)]
    const side = await swarmSide(async function* () {}, { memory })
    try {
      await eventually('the own rig is dialled', () => own.reached() > 0)
    } finally {
      await side.stop()
      own.close()
    }
    assert.equal(trap.reached(), 0)
  })
})
