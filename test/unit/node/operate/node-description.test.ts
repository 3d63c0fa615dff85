import assert from 'node:assert/strict'
import type { DeniedPeer } from '../../../../discovery/guard/deny-list.ts'
import { PeerTable } from '../../../../discovery/peers/peer-table.ts'
import { MAX_TOLD_DENIALS, nodeDescription } from '../../../../node/operate/node-description.ts'
import { RealmRegistry } from '../../../../node/realm/realm-registry.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { testCard } from '../../../support/cards.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { NO_DIRECT_WAYS } from '../../../support/no-direct-ways.ts'
import { RosterBench, type RosterFile, rosterConfig } from '../../../support/roster-bench.ts'

const RIG = { name: 'rig', engine: 'ollama', url: 'http://127.0.0.1:1' }
const QUERIES = { running: 1, served: 2, failed: 3, forwarded: 4 }

describe('nodeDescription', () => {
  const clock = new ManualClock()
  let bench: RosterBench
  let peers: PeerTable
  let warnings: readonly string[]
  let troubles: readonly string[]
  let denied: readonly DeniedPeer[]
  let pausedMs: number

  /** The description of a started node with these lines in its realms.yml. */
  async function described(file: RosterFile = {}) {
    const config = rosterConfig(file)
    bench = new RosterBench(config)
    await bench.roster.start()
    warnings = []
    troubles = []
    denied = []
    pausedMs = 0
    const view = new RoutingView()
    const judge = () => ({ relation: 'home', until: Number.POSITIVE_INFINITY }) as const
    peers = new PeerTable({ routing: view, clock, judge })
    return nodeDescription(
      {
        roster: bench.roster,
        realms: new RealmRegistry({ pool: bench.pool, clock }, { node: 'me', realms: config.realms }),
        peers,
        view,
        clock,
        addresses: () => ['/ip4/127.0.0.1/tcp/1'],
        reach: () => ({ dialable: 'unknown', relays: [], carried: { circuits: 0, bytes: 0 }, direct: NO_DIRECT_WAYS }),
        warnings: () => warnings,
        peerTroubles: () => troubles,
        denied: () => denied,
        degraded: () => false,
        pausedMs: () => pausedMs,
        traffic: () => ({ sent: 0, received: 0, parts: {}, background: { bytes: 0, mbPerDay: 500, spent: false } }),
        routing: () => ({ cross_realm_queries: 0, cross_federation_queries: 0, failed_routes: 0 }),
        hedges: () => ({ made: 0, saved: 0 }),
        scopes: () => config.node,
        name: () => 'desk',
        federation: () => ({ id: 'f', label: 'l' }),
        waysIn: () => ({ bootstrap: [], unresolved: [], tried: [], next: ['alone'] }),
        peerNames: () => ({}),
      },
      { peerId: 'me', version: '0.0.0', network: 'test' },
    )
  }
  afterEach(() => bench.roster.stop())

  it('tells what it was told, how long it runs, and whom it knows', async () => {
    const description = await described({ node: { scope: 'friends', share: 'local' } })
    clock.advance(5_000)
    peers.setConnected('a', true)
    const status = description.status(QUERIES, true)
    assert.deepEqual([status.scope, status.share, status.draining], ['friends', 'local', true])
    assert.equal(status.uptimeMs, 5_000)
    assert.deepEqual(status.peers, { connected: 1, known: 1, paths: [], troubles: [], denied: [] })
    troubles = ['…abcdefgh is not reached']
    assert.deepEqual(description.status(QUERIES, true).peers.troubles, troubles)
    assert.ok(description.status(QUERIES, true).warnings.includes('…abcdefgh is not reached'))
    assert.deepEqual(status.queries, QUERIES)
    assert.deepEqual(
      description.peers().map(({ id, breaker, successRate }) => [id, breaker, successRate]),
      [['a', 'closed', undefined]],
    )
  })

  it('tells who is shut out and why, the latest of many', async () => {
    const description = await described()
    denied = Array.from({ length: MAX_TOLD_DENIALS + 1 }, (_, i) => ({ id: `p${i}`, reason: 'flood', forMs: 9.7 }))
    const told = description.status(QUERIES, false).peers.denied
    assert.equal(told.length, MAX_TOLD_DENIALS)
    assert.deepEqual(told[0], { id: 'p0', reason: 'flood', forMs: 10 })
  })

  it('says that its owner serves no others, and until when', async () => {
    const description = await described()
    const paused = () => description.status(QUERIES, false).paused
    assert.equal(paused(), undefined)
    pausedMs = 60_000
    assert.deepEqual(paused(), { untilMs: clock.wall() + 60_000 })
    pausedMs = Number.POSITIVE_INFINITY
    assert.deepEqual(paused(), {})
  })

  it('has no alarm for a realm without workers, and counts the peers that serve it here', async () => {
    const description = await described({ workers: [RIG] })
    const chat = { name: '$CHAT', queryType: 'chat' } as const
    for (const [id, share] of [
      ['a', 'home'],
      ['b', 'local'],
      ['c', 'friends'],
    ] as const) {
      peers.setConnected(id, id !== 'c')
      peers.setCard({ ...testCard(id), share, realms: [chat] })
    }
    const { realms } = description.status(QUERIES, false)
    assert.deepEqual(
      realms.map(({ name, peers, warning }) => [name, peers, warning]),
      [
        ['$CHAT', 1, undefined],
        ['$VISION', 0, undefined],
        ['$IMAGINE', 0, undefined],
      ],
    )
  })

  it('has a row for each realm, with the slots of its busiest model', async () => {
    const { realms, workers } = (await described({ workers: [{ ...RIG, slots: 3 }] })).status(QUERIES, false)
    assert.deepEqual(
      realms.map(({ name, workers, slots, running, queued }) => [name, workers, slots, running, queued]),
      [
        ['$CHAT', 1, 3, 0, 0],
        ['$VISION', 0, 0, 0, 0],
        ['$IMAGINE', 0, 0, 0, 0],
      ],
    )
    assert.deepEqual(
      workers.map(({ name }) => name),
      ['rig'],
    )
  })

  it('warns of a realm that has fewer workers than it wants, not of one for which this node has none', async () => {
    const realms = {
      $CHAT: { primary_query_type: 'chat', min_workers: 2 },
      $IMAGINE: { primary_query_type: 'imagine', min_workers: 2 },
    }
    const description = await described({ workers: [RIG], realms })
    warnings = ['the disk is full']
    assert.deepEqual(description.status(QUERIES, false).warnings, [
      'the disk is full',
      '$CHAT has 1 usable of 1 workers and wants at least 2',
    ])
  })

  it('lists the models that the node’s own scope reaches, unless another is asked for', async () => {
    const description = await described({ workers: [RIG] })
    assert.deepEqual(
      description.models(undefined).map(({ model, nodes, local, engines }) => [model.name, nodes, local, engines]),
      [['tiny', ['me'], true, ['ollama']]],
    )
    assert.equal(description.models('local').length, 1)
  })
})
