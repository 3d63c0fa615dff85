/** A node of which kad-dht has no answer to a ping: its routing table stays empty, however many peers it has. */
import assert from 'node:assert/strict'
import { modelLoad } from '../../support/routing.ts'
import { isInDht, type SwarmNode, swarmNode, untilKnown } from '../../support/swarm-node.ts'

/** More than a slow machine needs. */
const SEARCH_MS = 120_000

describe('a node whose pings are all lost', () => {
  const nodes: SwarmNode[] = []

  async function joined(options: Parameters<typeof swarmNode>[0] = {}): Promise<SwarmNode> {
    const node = await swarmNode({ realms: [], share: 'public', gossips: false, ...options })
    nodes.push(node)
    return node
  }

  after(async () => {
    await Promise.all(nodes.map((node) => node.stop()))
  })

  it('finds a model through the peers that it is connected to', async () => {
    const door = await joined()
    const rig = await joined({ bootstrap: door.libp2p.getMultiaddrs() })
    await untilKnown(rig, door.id)
    rig.state.models = ['rare:7b']
    rig.state.loads = [modelLoad({ model: 'rare:7b' })]
    rig.discovery.changed()
    while (!(await isInDht(door, { kind: 'model', name: 'rare:7b' }, rig.id)));

    const seeker = await joined({ targetPeers: 0, searchMs: SEARCH_MS })
    const { ping, dht } = seeker.libp2p.services
    ping.ping = async () => assert.fail('lost')
    await seeker.libp2p.dial(door.libp2p.getMultiaddrs())
    await untilKnown(seeker, door.id)
    const { signal } = new AbortController()
    const until = (): boolean => seeker.table.get(rig.id)?.card !== undefined
    assert.equal(await seeker.discovery.searchModel('rare:7b', { signal, until }), 'found')
    assert.equal(dht.routingTable.size, 0)
  })
})
