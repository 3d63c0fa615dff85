/**
 * Asks the DHT for nodes that serve a realm or a model. What it tells are hints; the card over a direct connection is
 * the fact. Neither method rejects: a key that cannot be asked has no answer.
 */
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { CID } from 'multiformats/cid'
import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { type Clock, pauseFor } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import { MAX_ADDRESSES_PER_PEER, type PeerHint } from '../contact/peer-dialer.ts'
import { DHT_BUCKETS, type DhtName, dhtKey } from './dht-keys.ts'
import { WalkProgress } from './walk-progress.ts'

/** Providers taken from one key. */
export const MAX_PROVIDERS_PER_KEY = 20
/** Longest time for one key, unless the caller has more: a walk past some dead peers, of which each costs a dial. */
const FIND_TIMEOUT_MS = 15_000

export interface FoundPeer {
  readonly id: PeerId
  readonly multiaddrs: readonly Multiaddr[]
}

/** What a walk comes by. */
export interface WalkEvent {
  readonly name: string
  /** Of a `PEER_RESPONSE`. */
  readonly from?: PeerId
  /** Of a `PEER_RESPONSE`: peers nearer to the key. */
  readonly closer?: readonly FoundPeer[]
  /** Of a `PEER_RESPONSE` or a `PROVIDER`: nodes that may serve what is looked for. */
  readonly providers?: readonly FoundPeer[]
}

/** What is used of the DHT. */
export interface FindingDht {
  findProviders(key: CID, options: { readonly signal: AbortSignal }): AsyncIterable<WalkEvent>
}

export interface DhtLookupComponents {
  readonly dht: FindingDht
  readonly clock: Clock
  readonly log: Logger
  /** Told where this node itself is said to be. */
  readonly onSelf?: (addresses: readonly Multiaddr[]) => void
}

export interface DhtLookupInit {
  readonly network: string
  /** Own peer id: never a hint. */
  readonly self: string
}

export interface LookupOptions {
  readonly signal: CancelSignal
  /** Longest time for each key, milliseconds. @default 15,000 */
  readonly limitMs?: number
  /** Milliseconds after which a walk that no peer has answered begins anew. @default it does not */
  readonly againMs?: number
  /**
   * Called for each node that may serve what is looked for, as it is named, with the bucket under whose key it stands;
   * the same one may be named by several keys.
   */
  onHint(hint: PeerHint, bucket: number): void
}

interface WalkOptions extends Pick<LookupOptions, 'againMs'> {
  onHint(hint: PeerHint): void
  /** Called whenever a peer answers, whatever it knows. */
  onAnswer(): void
}

export class DhtLookup {
  readonly #components: DhtLookupComponents
  readonly #init: DhtLookupInit

  constructor(components: DhtLookupComponents, init: DhtLookupInit) {
    this.#components = components
    this.#init = init
  }

  /**
   * Asks for all buckets of a name at once: a node is in one of them, and most of the time is spent waiting for peers.
   * False when in some of them no peer has answered: then the name may stand there all the same.
   */
  async all(name: DhtName, { signal, ...options }: LookupOptions): Promise<boolean> {
    const life = linkedAbort(signal) // a signal of the platform warns of so many listeners
    const buckets = Array.from({ length: DHT_BUCKETS }, (_, bucket) => bucket)
    const ask = (bucket: number): Promise<boolean> => this.bucket(name, bucket, { ...options, signal: life.signal })
    const answered = await Promise.all(buckets.map(ask))
    life.release()
    return answered.every(Boolean)
  }

  /** Asks for one bucket of a name. Whether any peer has answered. */
  async bucket(name: DhtName, bucket: number, options: LookupOptions): Promise<boolean> {
    const { signal, limitMs = FIND_TIMEOUT_MS } = options
    const { clock, log } = this.#components
    const key = dhtKey(this.#init.network, name, bucket)
    let answered = false
    const walk = async (limited: AbortSignal): Promise<void> => {
      await this.#walkUntil(() => answered, key, limited, {
        ...options,
        onHint: (hint) => options.onHint(hint, bucket),
        onAnswer: () => (answered = true),
      })
    }
    try {
      await withinLimit(signal, limitMs, 'the walk did not end', walk, clock)
    } catch (error) {
      const { code, message } = toRealmeshError(error, 'PEER_UNREACHABLE')
      if (!signal.aborted) log.debug({ code, cause: message, ...name, bucket }, 'DHT lookup ended early')
    }
    return answered
  }

  /** One walk, or as many as it takes where the caller wants that: a failed one is then one without an answer. */
  async #walkUntil(isAnswered: () => boolean, key: CID, signal: AbortSignal, options: WalkOptions): Promise<void> {
    const { againMs } = options
    if (againMs === undefined) return await this.#walk(key, signal, options)
    for (;;) {
      await this.#walk(key, signal, options).catch(() => {})
      if (isAnswered() || signal.aborted) return
      await pauseFor(againMs, signal, this.#components.clock)
    }
  }

  async #walk(key: CID, signal: AbortSignal, { onHint, onAnswer }: WalkOptions): Promise<void> {
    const progress = new WalkProgress(key)
    const told = new Set([this.#init.self])
    const tell = ({ id, multiaddrs }: FoundPeer): void => {
      const peer = id.toString()
      if (peer === this.#init.self) this.#components.onSelf?.(multiaddrs.slice(0, MAX_ADDRESSES_PER_PEER))
      if (told.has(peer) || told.size > MAX_PROVIDERS_PER_KEY) return
      told.add(peer)
      onHint({ id: peer, addresses: multiaddrs.slice(0, MAX_ADDRESSES_PER_PEER) })
    }
    for await (const { name, from, closer = [], providers = [] } of this.#components.dht.findProviders(key, {
      signal,
    })) {
      if (signal.aborted) return
      if (name === 'PROVIDER') providers.forEach(tell)
      else if (name === 'PEER_RESPONSE' && from !== undefined) {
        onAnswer()
        progress.answered(
          from,
          closer.map(({ id }) => id),
        )
        providers.forEach(tell)
        if (progress.settled) return
      }
    }
  }
}
