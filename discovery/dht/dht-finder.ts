/**
 * Looks in the DHT for nodes that serve a realm or a model: in the background, a few buckets at a time, never for a user's query. What
 * it finds are hints; the card over a direct connection is the fact.
 */
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { LRUCache } from 'lru-cache'
import type { CID } from 'multiformats/cid'
import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import { type CancelSignal, platformSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { jittered } from '../contact/back-off.ts'
import { MAX_ADDRESSES_PER_PEER, type PeerHint } from '../contact/peer-dialer.ts'
import { DHT_BUCKETS, type DhtName, dhtKey } from './dht-keys.ts'

/** Providers taken from one key. */
export const MAX_PROVIDERS_PER_KEY = 20
/** Keys whose answers are kept. */
const MAX_CACHED_KEYS = 256
/** How long an answer is kept, milliseconds: the same question asked twice in a row costs one walk. */
export const CACHE_MS = 60_000
/** Longest time for one key. */
const FIND_TIMEOUT_MS = 15_000
/** First and longest pause between two rounds; it doubles, because a query costs up to a second of CPU all around. */
const FIRST_PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 5 * 60_000
/** Buckets of each name that one round asks for. */
const BUCKETS_PER_ROUND = 4
/** Buckets that a lookup on request asks for at once: it waits for the network, mostly. */
const BUCKETS_AT_ONCE = 4
/** Models that are looked for in the background; those wanted latest. */
const MAX_WANTED = 16

/** What is used of the DHT. */
export interface FindingDht {
  findProviders(
    key: CID,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<{
    readonly name: string
    readonly providers?: readonly { readonly id: PeerId; readonly multiaddrs: readonly Multiaddr[] }[]
  }>
}

export interface DhtFinderComponents {
  readonly dht: FindingDht
  readonly clock: Clock
  readonly log: Logger
  /** Whether anybody is connected: alone there is nobody to ask. */
  hasPeers(): boolean
  /** Somebody may serve what is looked for. */
  onHint(hint: PeerHint): void
}

export interface DhtFinderInit {
  readonly network: string
  /** Own peer id. */
  readonly self: string
  /** Realms that are always looked for. */
  readonly realms: readonly string[]
  /** @default Math.random */
  readonly rng?: () => number
}

/** Numbers from 0 to n - 1 in random order. */
function shuffled(n: number, rng: () => number): number[] {
  const order = Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(rng() * (i + 1))
    const swapped = order[i] ?? 0
    order[i] = order[j] ?? 0
    order[j] = swapped
  }
  return order
}

export class DhtFinder implements Startable {
  readonly #components: DhtFinderComponents
  readonly #network: string
  readonly #self: string
  readonly #rng: () => number
  #realms: readonly DhtName[] = []
  readonly #wanted = new LRUCache<string, DhtName>({ max: MAX_WANTED })
  readonly #cache = new LRUCache<string, { readonly at: number; readonly hints: readonly PeerHint[] }>({
    max: MAX_CACHED_KEYS,
  })
  /** Buckets in the order in which the rounds ask for them, the next one first. */
  #order: number[] = []
  #pauseMs = FIRST_PAUSE_MS
  #stopping = linkedAbort()
  #running = false
  #inRound = false
  #cancelTimer = (): void => {}

  constructor(components: DhtFinderComponents, init: DhtFinderInit) {
    this.#components = components
    this.#network = init.network
    this.#self = init.self
    this.#rng = init.rng ?? Math.random
    this.lookFor(init.realms)
  }

  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    this.#stopping = linkedAbort()
    this.#scheduleRound()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#cancelTimer()
    this.#stopping.abort()
  }

  /** These realms from now on; soon when there is a new one. */
  lookFor(realms: readonly string[]): void {
    const known = new Set(this.#realms.map(({ name }) => name))
    this.#realms = realms.map((name) => ({ kind: 'realm', name }))
    if (realms.every((name) => known.has(name))) return
    this.hurry()
  }

  /** Looks again soon: the first peers are there, or many are lost. */
  hurry(): void {
    this.#pauseMs = FIRST_PAUSE_MS
    if (this.#running && !this.#inRound) this.#scheduleRound()
  }

  /** A model that was asked for and that nobody known serves: it is looked for in the background from now on. */
  wantModel(name: string): void {
    if (this.#wanted.has(name)) return
    this.#wanted.set(name, { kind: 'model', name })
    this.hurry()
  }

  /** Nodes that may serve `name`, this one left out; buckets are asked in random order until at least `limit` are found. */
  async find(
    name: DhtName,
    { signal, limit = MAX_PROVIDERS_PER_KEY }: { readonly signal: AbortSignal; readonly limit?: number },
  ): Promise<readonly PeerHint[]> {
    const found = new Map<string, PeerHint>()
    const order = shuffled(DHT_BUCKETS, this.#rng)
    while (order.length > 0 && found.size < limit && !signal.aborted) {
      const asked = order.splice(0, BUCKETS_AT_ONCE).map((bucket) => this.#ask(name, bucket, signal))
      for (const hint of (await Promise.all(asked)).flat()) found.set(hint.id, hint)
    }
    return [...found.values()]
  }

  #scheduleRound(): void {
    this.#cancelTimer()
    this.#cancelTimer = this.#components.clock.after(jittered(this.#pauseMs, this.#rng), () => {
      void this.#round()
    })
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2)
  }

  async #round(): Promise<void> {
    this.#inRound = true
    if (this.#components.hasPeers()) {
      if (this.#order.length < BUCKETS_PER_ROUND) this.#order = shuffled(DHT_BUCKETS, this.#rng)
      const buckets = this.#order.splice(0, BUCKETS_PER_ROUND)
      for (const name of [...this.#realms, ...this.#wanted.values()]) {
        for (const bucket of buckets) {
          if (!this.#running) break
          for (const hint of await this.#ask(name, bucket, this.#stopping.signal)) this.#components.onHint(hint)
        }
      }
    }
    this.#inRound = false
    if (this.#running) this.#scheduleRound()
  }

  /** One key, from the cache or from the DHT. Never rejects: what cannot be asked has no answer. */
  async #ask(name: DhtName, bucket: number, signal: CancelSignal): Promise<readonly PeerHint[]> {
    const { clock, log } = this.#components
    const key = dhtKey(this.#network, name, bucket)
    const text = key.toString()
    const cached = this.#cache.get(text)
    if (cached !== undefined && clock.monotonic() - cached.at < CACHE_MS) return cached.hints
    const hints = new Map<string, PeerHint>()
    const life = linkedAbort(signal)
    life.expireIn(FIND_TIMEOUT_MS, 'no provider was found')
    try {
      await this.#collect(key, hints, platformSignal(life.signal))
    } catch (error) {
      const { code, message } = toRealmeshError(error, 'PEER_UNREACHABLE')
      if (!signal.aborted) log.debug({ code, cause: message, ...name, bucket }, 'DHT lookup ended early')
    } finally {
      life.release()
    }
    const list = [...hints.values()]
    // An empty answer is not kept: the first node to serve a model must be found as soon as it is there.
    if (list.length > 0) this.#cache.set(text, { at: clock.monotonic(), hints: list })
    return list
  }

  async #collect(key: CID, into: Map<string, PeerHint>, signal: AbortSignal): Promise<void> {
    for await (const event of this.#components.dht.findProviders(key, { signal })) {
      if (event.name !== 'PROVIDER') continue
      for (const provider of event.providers ?? []) {
        const id = provider.id.toString()
        if (id === this.#self || into.size >= MAX_PROVIDERS_PER_KEY) continue
        into.set(id, { id, addresses: provider.multiaddrs.slice(0, MAX_ADDRESSES_PER_PEER) })
      }
      if (into.size >= MAX_PROVIDERS_PER_KEY) return
    }
  }
}
