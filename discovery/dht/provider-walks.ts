/**
 * Walks through the DHT for the providers of a key, towards the peers nearest to it, by kad-dht's own messages. kad-dht
 * walks too, but none of its walks begins before a peer has answered its ping and its first walk, which has no limit,
 * is over: a node that has connections and asks at once may wait for all of its time. These walks begin with the peers
 * that are connected, and no slow peer holds the others up.
 */
import { setMaxListeners } from 'node:events'
import type { Libp2p, PeerId } from '@libp2p/interface'
import { MessageType } from '@libp2p/kad-dht'
import type { CID } from 'multiformats/cid'
import type { Clock } from '../../core/run/clock.ts'
import { PullQueue } from '../../core/run/pull-queue.ts'
import type { FindingDht, FoundPeer, WalkEvent } from './dht-lookup.ts'
import { dhtPlaceOf, distanceTo } from './distance.ts'
import { HOLDERS } from './walk-progress.ts'

/** Disjoint ways of one walk, as S/Kademlia has them: a liar on one of them leads only that one astray. */
const PATHS = 3
/** Peers that are asked at once on each: Kademlia's alpha. */
const AT_ONCE = 3
/** So long a peer that is asked keeps the next one from being asked; its answer counts later too. */
export const SLOW_MS = 1_500
/** Times that a connected peer is asked: on a busy machine it may answer too late once. */
const TRIES_OF_CONNECTED = 2
/** Peers that one walk asks: three times those that hold a record; a swarm of liars names ever nearer ones. */
export const MAX_ASKED = 60

/** What is used of kad-dht. */
export interface WalkedDht {
  readonly network: {
    sendRequest(
      to: PeerId,
      message: { readonly type: MessageType; readonly key: Uint8Array },
      options: {
        readonly signal: AbortSignal
        readonly path: { index: number; queued: number; running: number; total: number }
      },
    ): AsyncIterable<WalkEvent>
  }
  readonly routingTable: { closestPeers(place: Uint8Array, options: { count: number }): readonly PeerId[] }
  /** Records that others left with this node. */
  readonly providers: { getProviders(key: CID, options: { readonly signal: AbortSignal }): Promise<readonly PeerId[]> }
}

/** What is used of libp2p. */
export interface WalkingLibp2p extends Pick<Libp2p, 'peerId' | 'isDialable'> {
  readonly peerStore: Pick<Libp2p['peerStore'], 'get'>
}

export interface ProviderWalksComponents {
  readonly dht: WalkedDht
  readonly libp2p: WalkingLibp2p
  /** Connected peers that serve the DHT. */
  readonly peers: { readonly connected: readonly PeerId[] }
  readonly clock: Pick<Clock, 'after'>
}

export class ProviderWalks implements FindingDht {
  readonly #components: ProviderWalksComponents

  constructor(components: ProviderWalksComponents) {
    this.#components = components
  }

  /** Tells what comes until all near peers have been asked. A reader that leaves, or `signal`, ends the walk. */
  async *findProviders(key: CID, { signal }: { readonly signal: AbortSignal }): AsyncGenerator<WalkEvent> {
    const own = await this.#ownRecords(key, signal)
    if (own.length > 0) yield { name: 'PROVIDER', providers: own }
    const leaving = new AbortController()
    const life = AbortSignal.any([signal, leaving.signal])
    setMaxListeners(0, life) // each request has some
    const events = new PullQueue<WalkEvent>()
    const walk = new ProviderWalk(this.#components, { key, signal: life, onEvent: (event) => events.push(event) })
    void walk.run().then(() => events.end())
    try {
      for (let event = await events.next(); event !== undefined; event = await events.next()) yield event
    } finally {
      leaving.abort()
    }
  }

  /** A record whose peer is forgotten is none. */
  async #ownRecords(key: CID, signal: AbortSignal): Promise<FoundPeer[]> {
    const { dht, libp2p } = this.#components
    const found: FoundPeer[] = []
    for (const id of await dht.providers.getProviders(key, { signal })) {
      const peer = await libp2p.peerStore.get(id, { signal }).catch(() => undefined)
      if (peer !== undefined) found.push({ id, multiaddrs: peer.addresses.map(({ multiaddr }) => multiaddr) })
    }
    return found
  }
}

interface Waypoint {
  readonly peer: PeerId
  readonly tries: number
  readonly distance: Buffer
}

interface WalkInit {
  readonly key: CID
  readonly signal: AbortSignal
  readonly onEvent: (event: WalkEvent) => void
}

class ProviderWalk {
  readonly #components: ProviderWalksComponents
  readonly #init: WalkInit
  readonly #place: Buffer
  /** Peers that some path has taken. */
  readonly #taken: Set<string>
  #asked = 0

  constructor(components: ProviderWalksComponents, init: WalkInit) {
    this.#components = components
    this.#init = init
    this.#place = dhtPlaceOf(init.key.multihash.bytes)
    this.#taken = new Set([components.libp2p.peerId.toString()])
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const paths = Array.from({ length: PATHS }, (): Waypoint[] => [])
    for (const [i, start] of this.#starts().entries()) paths[i % PATHS]?.push(start)
    await Promise.all(paths.map((path, index) => this.#follow(path, index)))
  }

  /** The nearest of those that are connected and of those that kad-dht knows, each once. */
  #starts(): Waypoint[] {
    const { peers, dht } = this.#components
    const connected = peers.connected.map((peer) => this.#waypoint(peer, TRIES_OF_CONNECTED)).sort(byDistance)
    const known = dht.routingTable.closestPeers(this.#place, { count: HOLDERS }).map((peer) => this.#waypoint(peer))
    return [...connected.slice(0, HOLDERS), ...known].filter(({ peer }) => this.#take(peer)).sort(byDistance)
  }

  /** Asks the nearest first, some at once, until none is left and all have answered or failed. */
  async #follow(path: Waypoint[], index: number): Promise<void> {
    const open = new Set<Promise<void>>()
    const holdingUp = new Set<Promise<void>>()
    while (!this.#init.signal.aborted) {
      const next = holdingUp.size < AT_ONCE && this.#asked < MAX_ASKED ? path.shift() : undefined
      if (next === undefined && open.size === 0) return
      if (next === undefined) await Promise.race(holdingUp.size < AT_ONCE ? open : holdingUp)
      else this.#begin(next, { path, index, open, holdingUp })
    }
  }

  #begin(
    next: Waypoint,
    {
      path,
      index,
      open,
      holdingUp,
    }: { path: Waypoint[]; index: number } & Record<'open' | 'holdingUp', Set<Promise<void>>>,
  ): void {
    this.#asked += 1
    let cancelTimer = (): void => {}
    const slow = new Promise<void>((resolve) => {
      cancelTimer = this.#components.clock.after(SLOW_MS, resolve)
    })
    const asking = this.#ask(next, path, index).then(() => {
      cancelTimer()
      open.delete(asking)
    })
    const turn = Promise.race([asking, slow]).then(() => {
      holdingUp.delete(turn)
    })
    open.add(asking)
    holdingUp.add(turn)
  }

  async #ask(waypoint: Waypoint, path: Waypoint[], index: number): Promise<void> {
    for (let tries = 0; tries < waypoint.tries && !this.#init.signal.aborted; tries += 1) {
      if (await this.#isAnswered(waypoint, path, index)) return
    }
  }

  /** Asks once. Never rejects: a peer that cannot be asked has told nothing. */
  async #isAnswered({ peer, distance }: Waypoint, path: Waypoint[], index: number): Promise<boolean> {
    const { key, signal, onEvent } = this.#init
    const message = { type: MessageType.GET_PROVIDERS, key: key.multihash.bytes }
    const options = { signal, path: { index, queued: path.length, running: 1, total: path.length + 1 } }
    try {
      for await (const event of this.#components.dht.network.sendRequest(peer, message, options)) {
        if (event.name !== 'PEER_RESPONSE') continue
        onEvent(event)
        await this.#consider(event.closer ?? [], distance, path)
        return true
      }
    } catch {}
    return false
  }

  /** Peers that are nearer than the one that named them come onto its path. */
  async #consider(named: readonly FoundPeer[], than: Buffer, path: Waypoint[]): Promise<void> {
    const { libp2p } = this.#components
    for (const { id, multiaddrs } of named.slice(0, HOLDERS)) {
      const waypoint = this.#waypoint(id)
      if (Buffer.compare(waypoint.distance, than) >= 0 || this.#taken.has(id.toString())) continue
      if (!(await libp2p.isDialable([...multiaddrs], { signal: this.#init.signal }))) continue
      if (this.#take(id)) path.push(waypoint)
    }
    path.sort(byDistance)
  }

  #waypoint(peer: PeerId, tries = 1): Waypoint {
    return { peer, tries, distance: distanceTo(this.#place, peer.toMultihash().bytes) }
  }

  /** False when it is taken already. */
  #take(peer: PeerId): boolean {
    const id = peer.toString()
    if (this.#taken.has(id)) return false
    this.#taken.add(id)
    return true
  }
}

function byDistance(a: Waypoint, b: Waypoint): number {
  return Buffer.compare(a.distance, b.distance)
}
