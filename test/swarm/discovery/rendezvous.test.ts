/** Two nodes that know nothing of each other meet in a simulated public DHT, and leave it again. */
import assert from 'node:assert/strict'
import { Resolver } from 'node:dns/promises'
import { silentLogger } from '../../../core/logger.ts'
import { visitPublicDht } from '../../../discovery/rendezvous/public-dht.ts'
import { OTHERS_FIRST_MS, Rendezvous } from '../../../discovery/rendezvous/rendezvous.ts'
import { Amino } from '../../support/amino.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { type SwarmNode, swarmNode, untilKnown } from '../../support/swarm-node.ts'

describe('rendezvous in a simulated public DHT', () => {
  const amino = new Amino()
  const nodes: SwarmNode[] = []
  const meetings: Rendezvous[] = []

  before(() => amino.start(6))
  after(() => amino.stop())
  afterEach(async () => {
    await Promise.all(meetings.splice(0).map((meeting) => meeting.stop()))
    await Promise.all(nodes.splice(0).map((node) => node.stop()))
  })

  /** When the log has told that. */
  interface Told {
    readonly shown: PromiseWithResolvers<void>
    readonly left: PromiseWithResolvers<void>
  }

  /** A node that is alone, and looks for others there. Loopback counts as public: all of this is one machine. */
  const lonely = async (): Promise<readonly [SwarmNode, Told]> => {
    const node = await swarmNode()
    const { privateKey, table, discovery } = node
    const told: Told = { shown: Promise.withResolvers(), left: Promise.withResolvers() }
    const clock = new ManualClock(Date.now())
    const meeting = new Rendezvous(
      {
        visit: (bootstrap, shown, signal) =>
          visitPublicDht({ privateKey, bootstrap, shown, mayDial: () => true }, signal),
        resolver: new Resolver(),
        shown: () => node.libp2p.getMultiaddrs(),
        connected: () => table.connectedCount,
        suggest: (hint) => discovery.suggest('rendezvous', hint),
        clock,
        log: {
          ...silentLogger,
          info: (fields: { readonly state?: keyof Told }) => fields.state && told[fields.state].resolve(),
        },
      },
      { network: 'test', secret: 'ours', epochMs: 3_600_000, enoughPeers: 1, bootstrap: amino.bootstrap.map(String) },
    )
    table.onChange(() => {
      meeting.peersChanged()
      clock.advance(0)
    })
    discovery.ways.tellOf(meeting)
    nodes.push(node)
    meetings.push(meeting)
    await meeting.start()
    clock.advance(OTHERS_FIRST_MS)
    return [node, told]
  }

  it('lets them find each other, tells by which way, and is left by both; its tables never hold them', async () => {
    const [one, first] = await lonely()
    await first.shown.promise
    const [other, second] = await lonely()
    await untilKnown(other, one.id)
    assert.equal(other.discovery.ways.status().first?.way, 'rendezvous')
    await Promise.all([first.left.promise, second.left.promise])
    await Promise.all([amino.untilGone(one.id), amino.untilGone(other.id)])
    for (const { libp2p } of [one, other]) assert.equal(await amino.tablesWith(libp2p.peerId), 0)
  })
})
