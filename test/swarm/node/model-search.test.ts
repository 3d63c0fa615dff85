/**
 * A model that only one unknown node serves answers its first query: an asker that knows four peers finds it through
 * the DHT. Beyond those four all nodes keep the asker out until it asks, so that nothing else can have made them known.
 */
import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { systemClock } from '../../../core/run/clock.ts'
import type { RunQuery } from '../../../core/run/run-query.ts'
import { scopeReaches } from '../../../core/scope.ts'
import { FederationRouter } from '../../../node/route/federation-router.ts'
import { Places } from '../../../node/route/places.ts'
import { RouteJournal } from '../../../node/route/route-journal.ts'
import { WaitingRoom } from '../../../node/route/waiting-room.ts'
import { QueryClient } from '../../../protocols/query/asking/client.ts'
import { QueryServer } from '../../../protocols/query/serving/server.ts'
import { HedgeBudget } from '../../../routing/choice/hedge-budget.ts'
import { PrefixAffinity } from '../../../routing/choice/prefix-affinity.ts'
import { collect, textOf } from '../../support/collect.ts'
import { chatQuery } from '../../support/query.ts'
import { silentQueryLog } from '../../support/query-log.ts'
import { emptyReach } from '../../support/reach.ts'
import { nodeLoad } from '../../support/routing.ts'
import { isInDht, type SwarmNode, swarmNode, untilKnown } from '../../support/swarm-node.ts'
import { volume } from '../../support/volume.ts'

const DOORS = 4
const NODES = volume(9, 50)
/** What a node that is asked finds within five seconds takes longer where one process is all nodes. */
const SEARCH_MS = 120_000

describe(`a model that one unknown node of ${NODES} serves`, () => {
  const nodes: SwarmNode[] = []
  const shown = new Set<string>()
  const stops: (() => Promise<void>)[] = []
  let asker: SwarmNode
  let askerId: string | undefined
  let router: FederationRouter
  let tagged: SwarmNode
  let latest: SwarmNode

  /** A node that does not let the asker in before it is among the shown. */
  async function join(models: readonly string[], door?: SwarmNode): Promise<SwarmNode> {
    const node: SwarmNode = await swarmNode({
      models,
      share: 'public',
      realms: [],
      targetPeers: DOORS,
      bootstrap: door?.libp2p.getMultiaddrs() ?? [],
      admits: (peer) => peer !== askerId || shown.has(node.id),
    })
    nodes.push(node)
    if (door !== undefined) await untilKnown(node, door.id)
    return node
  }

  /** Answers with the node's own id. */
  async function serve({ id, libp2p }: SwarmNode): Promise<void> {
    const run: RunQuery = async function* ({ model }): AsyncGenerator<QueryEvent> {
      yield { kind: 'start', node: id, worker: 'w', engine: 'scripted', model }
      yield { kind: 'text', text: `from ${id}` }
      yield { kind: 'end', finishReason: 'stop' }
    }
    const server = new QueryServer({ libp2p, run, load: () => nodeLoad(Date.now() * 1_000, []) }, { network: 'test' })
    await server.start()
    stops.push(() => server.stop())
  }

  async function route(model: string, scope: 'local' | 'public' = 'public') {
    const query = chatQuery({ model, scope, hopsLeft: 1 })
    const journal = new RouteJournal(query, systemClock)
    const { signal } = new AbortController()
    const sets = { avoidNodes: new Set<string>(), avoidWorkers: new Set<string>() }
    const events = collect(router.route(query, { signal, asker: 'own', journal, ...sets }))
    return { text: events.then(textOf), receipt: () => journal.receipt('served') }
  }

  before(async () => {
    const first = await join([])
    while (nodes.length < NODES - 2) await join([], nodes[nodes.length % DOORS] ?? first)
    tagged = await join(['rare:7b'], nodes.at(-1))
    latest = await join(['Lone:latest'], nodes.at(-1))
    const doors = nodes.slice(0, DOORS)
    for (const door of doors) shown.add(door.id)
    const privateKey = await generateKeyPair('Ed25519')
    askerId = peerIdFromPrivateKey(privateKey).toString()
    asker = await swarmNode({
      privateKey,
      searchMs: SEARCH_MS,
      realms: [],
      targetPeers: 0,
      bootstrap: doors.flatMap(({ libp2p }) => libp2p.getMultiaddrs()),
    })
    await Promise.all([...doors.map(({ id }) => untilKnown(asker, id)), serve(tagged), serve(latest)])
    const { libp2p, discovery, table, view } = asker
    const client = new QueryClient({ libp2p, onLoad: (peer, load) => table.setLoad(peer, load) }, { network: 'test' })
    stops.push(() => client.stop())
    const places = new Places({
      view,
      affinity: new PrefixAffinity(),
      log: silentQueryLog,
      clock: systemClock,
      random: Math.random,
      relationOf: (peer) => table.relation(peer),
      ownerOf: (peer) => peer,
      backupRealms: () => [],
      localOption: () => undefined,
      reach: emptyReach({
        isOffered: ({ realm, model }, scope) =>
          scopeReaches(scope, 'stranger') && view.models(realm).some((known) => known === model.toLowerCase()),
      }),
    })
    router = new FederationRouter(
      {
        places,
        local: () => assert.fail('nothing runs here'),
        remote: (peer) => client.run(peer),
        searchModel: (model, options) => discovery.searchModel(model, options),
        waitingRoom: new WaitingRoom({ clock: systemClock, random: Math.random }),
        hedges: new HedgeBudget(),
        clock: systemClock,
        pseudonym: () => 'anonymous',
        log: silentQueryLog,
      },
      { node: asker.id },
    )
    // The records are written behind the back of the test.
    for (const [name, { id }] of [
      ['rare:7b', tagged],
      ['lone', latest],
    ] as const) {
      while (!(await isInDht(first, { kind: 'model', name }, id)));
    }
  })

  after(async () => {
    await Promise.all(stops.map((stop) => stop()))
    await Promise.all([...nodes, ...(asker === undefined ? [] : [asker])].map((node) => node.stop()))
  })

  it('is not looked for by a query that may not leave the node', async () => {
    const { text, receipt } = await route('rare:7b', 'local')
    await assert.rejects(text, { code: 'MODEL_NOT_FOUND', message: /offers the model rare:7b$/ })
    assert.equal(receipt().searchedMs, undefined)
    assert.equal(asker.table.connectedCount, DOORS)
  })

  for (const [how, asked] of [
    ['by its name with a tag', 'rare:7b'],
    ['by its name without the tag that it has', 'lone'],
  ] as const) {
    it(`answers its first query ${how}`, async () => {
      const rig = asked === 'lone' ? latest : tagged
      assert.equal(asker.table.get(rig.id)?.connected ?? false, false)
      for (const { id } of nodes) if (id !== latest.id || rig === latest) shown.add(id)
      const { text, receipt } = await route(asked)
      assert.equal(await text, `from ${rig.id}`)
      const { searchedMs = 0, attempts } = receipt()
      assert.ok(searchedMs > 0)
      assert.deepEqual(
        attempts.map(({ node }) => node),
        [rig.id],
      )
      console.log(`      ${asked}: found in ${Math.round(searchedMs)} ms among ${NODES} nodes in one process`)
    })
  }

  it('that does not exist is said to have been looked for', async () => {
    const { text, receipt } = await route('no-such')
    await assert.rejects(text, { code: 'MODEL_NOT_FOUND', message: /; searched the network for \d+\.\d s$/ })
    assert.ok((receipt().searchedMs ?? 0) > 0)
    const again = await route('no-such')
    await assert.rejects(again.text, { code: 'MODEL_NOT_FOUND', message: /searched for it a moment ago$/ })
    assert.equal(again.receipt().searchedMs, undefined)
  })
})
