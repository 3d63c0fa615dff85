/**
 * A model that one node of a swarm serves, and a new node that knows four others: its first query finds the rig through
 * the DHT. Beyond those four all nodes and the newcomer keep each other out until it asks, so that nothing else can have
 * made them known. All of it runs in this process, without engines and without gossip of loads: that of fifty nodes takes more
 * than a core, which no search is left with.
 */
import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { systemClock } from '../../core/run/clock.ts'
import type { RunQuery } from '../../core/run/run-query.ts'
import { type Scope, scopeReaches } from '../../core/scope.ts'
import { Libp2pLinks } from '../../discovery/links/libp2p-links.ts'
import { FederationRouter } from '../../node/route/federation-router.ts'
import { Places } from '../../node/route/places.ts'
import { RouteJournal } from '../../node/route/route-journal.ts'
import { WaitingRoom } from '../../node/route/waiting-room.ts'
import { QueryClient } from '../../protocols/query/asking/client.ts'
import { QueryServer } from '../../protocols/query/serving/server.ts'
import { HedgeBudget } from '../../routing/choice/hedge-budget.ts'
import { PrefixAffinity } from '../../routing/choice/prefix-affinity.ts'
import { admits } from '../support/admits.ts'
import { collect, textOf } from '../support/collect.ts'
import { chatQuery } from '../support/query.ts'
import { silentQueryLog } from '../support/query-log.ts'
import { emptyReach } from '../support/reach.ts'
import { modelLoad, nodeLoad } from '../support/routing.ts'
import { noProofs } from '../support/served-part.ts'
import { isInDht, type SwarmNode, swarmNode, untilKnown } from '../support/swarm-node.ts'

/** Nodes that a newcomer knows. */
export const DOORS = 4

export interface Asked {
  /** The answer; a failed query throws. */
  readonly text: Promise<string>
  /** As it is when it is read. */
  readonly receipt: () => RouteReceipt
}

export interface Newcomer {
  readonly node: SwarmNode
  /** Routes one query as the daemon does. */
  ask(model: string, scope?: Scope): Asked
  stop(): Promise<void>
}

export class UnknownModel {
  readonly #nodes: SwarmNode[] = []
  readonly #servers: QueryServer[] = []
  /** The node that the others keep out, but for those that are shown. */
  #newcomer = ''
  readonly #shown = new Set<string>()

  /** Starts so many nodes, of which the first four are the doors. */
  async start(nodes: number): Promise<void> {
    while (this.#nodes.length < nodes) await this.#join()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()))
    await Promise.all(this.#nodes.map((node) => node.stop()))
  }

  /** A node beyond the doors begins to serve a model, alone. Resolves when the DHT knows. */
  async serve(model: string): Promise<SwarmNode> {
    const rig = this.#nodes.slice(DOORS).find(({ state }) => state.models.length === 0)
    const [door] = this.#nodes
    assert.ok(rig !== undefined && door !== undefined, 'each rig serves one model: start more nodes')
    const { id, libp2p, state, discovery } = rig
    const run: RunQuery = async function* ({ model: asked }): AsyncGenerator<QueryEvent> {
      yield { kind: 'start', node: id, worker: 'w', engine: 'scripted', model: asked }
      yield { kind: 'text', text: `from ${id}` }
      yield { kind: 'end', finishReason: 'stop' }
    }
    const server = new QueryServer(
      { links: new Libp2pLinks({ libp2p }), admit: admits(run), load: () => nodeLoad(Date.now() * 1_000, []) },
      { network: 'test' },
    )
    await server.start()
    this.#servers.push(server)
    state.models = [model]
    state.loads = [modelLoad({ model })]
    discovery.changed()
    while (!(await isInDht(door, { kind: 'model', name: model }, id)));
    return rig
  }

  /**
   * A node that knows the doors and no other. `patienceMs`: its longest search, and how long a query may wait for a lane
   * or a sign of a peer: where one busy machine is all nodes, the limits of the product tell nothing. @default those
   */
  async newcomer(patienceMs?: number): Promise<Newcomer> {
    const privateKey = await generateKeyPair('Ed25519')
    const doors = this.#nodes.slice(0, DOORS)
    this.#newcomer = peerIdFromPrivateKey(privateKey).toString()
    this.#shown.clear()
    for (const { id } of doors) this.#shown.add(id)
    const node = await swarmNode({
      privateKey,
      realms: [],
      targetPeers: 0,
      bootstrap: doors.flatMap(({ libp2p }) => libp2p.getMultiaddrs()),
      // On both sides: a dial that only the other end refuses may be under way when that end is shown.
      admits: (peer) => this.#shown.has(peer),
      ...(patienceMs === undefined ? {} : { searchMs: patienceMs }),
    })
    await Promise.all(doors.map(({ id }) => untilKnown(node, id)))
    assert.ok(node.table.connectedCount <= DOORS) // fewer where a busy machine lost one again
    const limits =
      patienceMs === undefined
        ? {}
        : { dialTimeoutMs: patienceMs, openTimeoutMs: patienceMs, silenceTimeoutMs: patienceMs }
    const client = new QueryClient(
      { links: new Libp2pLinks({ libp2p: node.libp2p }), onLoad: (peer, load) => node.table.setLoad(peer, load) },
      { network: 'test', ...limits },
    )
    const router = routerOf(node, client)
    const ask = (model: string, scope: Scope = 'public'): Asked => {
      const query = chatQuery({ model, scope, hopsLeft: 1 })
      const journal = new RouteJournal(query, systemClock)
      const { signal } = new AbortController()
      const sets = { avoidNodes: new Set<string>(), avoidWorkers: new Set<string>() }
      const text = collect(router.route(query, { signal, asker: 'own', journal, ...sets })).then(textOf)
      return { text, receipt: () => journal.receipt('served') }
    }
    const stop = async (): Promise<void> => {
      await client.stop()
      await node.stop()
    }
    return { node, ask, stop }
  }

  /** All nodes but these let the newcomer in from now on. */
  show(except: readonly SwarmNode[] = []): void {
    for (const node of this.#nodes) if (!except.includes(node)) this.#shown.add(node.id)
  }

  async #join(): Promise<void> {
    const door = this.#nodes[this.#nodes.length % DOORS] ?? this.#nodes[0]
    const node: SwarmNode = await swarmNode({
      share: 'public',
      realms: [],
      targetPeers: DOORS,
      gossips: false,
      bootstrap: door?.libp2p.getMultiaddrs() ?? [],
      admits: (peer) => peer !== this.#newcomer || this.#shown.has(node.id),
    })
    this.#nodes.push(node)
    if (door !== undefined) await untilKnown(node, door.id)
  }
}

/** The daemon's router over one node of the swarm, which has no workers. */
function routerOf({ id, table, view, discovery }: SwarmNode, client: QueryClient): FederationRouter {
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
    hostModel: () => undefined,
    reach: emptyReach({
      isOffered: ({ realm, model }, scope) =>
        scopeReaches(scope, 'stranger') && view.models(realm).some((known) => known === model.toLowerCase()),
    }),
  })
  return new FederationRouter(
    {
      places,
      local: () => assert.fail('nothing runs here'),
      hosts: () => assert.fail('there is no host'),
      remote: (peer) => client.run(peer),
      searchModel: (model, options) => discovery.searchModel(model, options),
      reachMore: (wanted) => discovery.reachMore(wanted),
      waitingRoom: new WaitingRoom({ clock: systemClock, random: Math.random }),
      hedges: new HedgeBudget(),
      clock: systemClock,
      pseudonym: () => 'anonymous',
      proofs: noProofs,
      log: silentQueryLog,
    },
    { node: id },
  )
}
