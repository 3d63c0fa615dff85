/**
 * Looks in the DHT for nodes that serve this node's realms: in the background, a few buckets at a time, ever more
 * rarely, and not while enough are known. A model that no known node serves is looked for at once: see model-search.ts.
 */
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { jittered } from '../contact/back-off.ts'
import type { PeerHint } from '../contact/peer-dialer.ts'
import { DHT_BUCKETS, type DhtName } from './dht-keys.ts'
import type { DhtLookup } from './dht-lookup.ts'

/** First and longest pause between two rounds; it doubles, because a walk costs CPU all around. */
const FIRST_PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 30 * 60_000
/** Buckets of each realm that one round asks for. */
const BUCKETS_PER_ROUND = 4

/** Nodes of one realm that are enough to go on with: a query that they leave waiting finds more. */
export const ENOUGH_SERVERS = 8

export interface DhtFinderComponents {
  readonly lookup: Pick<DhtLookup, 'bucket'>
  readonly clock: Clock
  /** Whether any peer is connected: a node alone has none to ask. */
  hasPeers(): boolean
  /** How many nodes are known that serve a realm. */
  servers(realm: string): number
  /** A node may serve one of the realms. */
  onHint(hint: PeerHint): void
}

export interface DhtFinderInit {
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
  readonly #rng: () => number
  #realms: readonly DhtName[] = []
  /** Buckets in the order in which the rounds ask for them, the next one first. */
  #order: number[] = []
  #pauseMs = FIRST_PAUSE_MS
  #stopping = linkedAbort()
  #running = false
  #inRound = false
  #cancelTimer = (): void => {}

  constructor(components: DhtFinderComponents, init: DhtFinderInit) {
    this.#components = components
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

  /** Looks again soon: the first peers are there, or there is a new realm. */
  hurry(): void {
    this.#pauseMs = FIRST_PAUSE_MS
    if (this.#running && !this.#inRound) this.#scheduleRound()
  }

  #scheduleRound(): void {
    this.#cancelTimer()
    this.#cancelTimer = this.#components.clock.after(jittered(this.#pauseMs, this.#rng), () => {
      void this.#round(this.#stopping.signal)
    })
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2)
  }

  async #round(signal: CancelSignal): Promise<void> {
    const { lookup, hasPeers, servers, onHint } = this.#components
    this.#inRound = true
    const wanted = this.#realms.filter(({ name }) => servers(name) < ENOUGH_SERVERS)
    if (hasPeers() && wanted.length > 0) {
      if (this.#order.length < BUCKETS_PER_ROUND) this.#order = shuffled(DHT_BUCKETS, this.#rng)
      const buckets = this.#order.splice(0, BUCKETS_PER_ROUND)
      for (const name of wanted) {
        for (const bucket of buckets) if (!signal.aborted) await lookup.bucket(name, bucket, { signal, onHint })
      }
    }
    this.#inRound = false
    if (this.#running) this.#scheduleRound()
  }
}
