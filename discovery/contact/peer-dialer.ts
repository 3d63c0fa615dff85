/**
 * Dials peers that were mentioned: by mDNS, a provider record, a gossiped record, the memory. A mention is only a
 * hint: it is dialled while the node wants more peers, a few at a time, and not again soon when it did not answer.
 */
import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { LRUCache } from 'lru-cache'
import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import { BACKGROUND_DIAL_MS, type BackOffRule, backOffMs } from './back-off.ts'

/**
 * Enough direct peers: with two candidates drawn per query more connections bring little, each costs some hundred
 * kilobytes an hour to be kept, and home routers suffer from many. Others are reached when a query needs them.
 */
export const TARGET_PEERS = 8
/** Peers beyond that for nodes that serve what this one needs. */
export const USEFUL_PEERS = 4
/**
 * Of two nodes that hear of each other at once, the one with the larger peer id waits so long for the other's dial, or
 * there are two connections between them.
 */
export const SECOND_TO_DIAL_MS = 1_000
/** Dials at once: each costs a handshake of some 50 ms of CPU. */
export const DIAL_CONCURRENCY = 4
/** Hints that wait. Further ones are dropped: a peer that is worth it is mentioned again. */
export const MAX_WAITING_HINTS = 256
/** Addresses of one peer that are tried: more is an attack on others' hosts (a dial per address). */
export const MAX_ADDRESSES_PER_PEER = 8
/** Peers of which a failure is remembered. */
const MAX_REMEMBERED_FAILURES = 2_000
const FAILED_DIAL: BackOffRule = { firstMs: 15_000, capMs: 30 * 60_000 }
/**
 * A peer of which only the id was heard may have joined a moment ago, and be on the way to its first address: it is
 * tried again, so often, and only then counts as one that failed.
 */
const UNADDRESSED: BackOffRule = { firstMs: 1_000, capMs: 4_000 }
export const UNADDRESSED_TRIES = 3

/** A peer that may be worth a connection. Without addresses libp2p looks them up. */
export interface PeerHint {
  readonly id: string
  readonly addresses: readonly Multiaddr[]
}

/** What is used of libp2p. */
export interface DialerLibp2p {
  readonly peerId: PeerId
  dial(target: PeerId | Multiaddr[], options: { readonly signal: AbortSignal }): Promise<Connection>
  getPeers(): PeerId[]
}

export interface PeerDialerComponents {
  readonly libp2p: DialerLibp2p
  readonly clock: Clock
  readonly log: Logger
  isDenied(peer: string): boolean
  /** Whether anything may be done now that no query needs. @default always */
  background?(): boolean
  /**
   * `through`: where a peer may be of which only the id was heard, as those who hear each other over a relay have seats
   * there.
   */
  readonly reach?: { through(): readonly Multiaddr[] }
}

export interface PeerDialerInit {
  /** Connected peers above which hints are let go. @default TARGET_PEERS */
  readonly targetPeers?: number
  /** @default DIAL_CONCURRENCY */
  readonly concurrency?: number
  /** @default Math.random */
  readonly rng?: () => number
}

interface Failure {
  readonly count: number
  /** Monotonic. */
  readonly notBefore: number
}

/** The address with the peer's id at its end, so that no other peer can answer there. */
export function addressedTo(address: Multiaddr, id: string): Multiaddr {
  const last = address.getComponents().at(-1)
  return last?.name === 'p2p' ? address : address.encapsulate(multiaddr(`/p2p/${id}`))
}

export class PeerDialer implements Startable {
  readonly #components: PeerDialerComponents
  readonly #target: number
  readonly #concurrency: number
  readonly #rng: () => number
  readonly #waiting = new Map<string, PeerHint & { readonly useful: boolean }>()
  /** Of these, those for which the other node's dial is waited for, with what ends the wait. */
  readonly #soon = new Map<string, () => void>()
  readonly #dialling = new Map<string, Promise<boolean>>()
  readonly #failures = new LRUCache<string, Failure>({ max: MAX_REMEMBERED_FAILURES })
  #stopping = linkedAbort()
  #running = false

  constructor(components: PeerDialerComponents, init: PeerDialerInit = {}) {
    this.#components = components
    this.#target = init.targetPeers ?? TARGET_PEERS
    this.#concurrency = init.concurrency ?? DIAL_CONCURRENCY
    this.#rng = init.rng ?? Math.random
  }

  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    this.#stopping = linkedAbort()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#waiting.clear()
    for (const cancel of this.#soon.values()) cancel()
    this.#soon.clear()
    this.#stopping.abort()
  }

  /** Takes a hint; true when it will be dialled. `useful`: it is worth a connection beyond the target. */
  suggest(hint: PeerHint, useful = false): boolean {
    if (!this.#running || this.#waiting.size >= MAX_WAITING_HINTS) return false
    if (this.#waiting.has(hint.id) || this.#dialling.has(hint.id) || !this.#wants(hint.id, useful)) return false
    this.#waiting.set(hint.id, { ...hint, useful })
    if (this.#isSecond(hint.id)) this.#later(hint.id, SECOND_TO_DIAL_MS)
    else this.#next()
    return true
  }

  /** Peers that failed may be dialled again at once: it was this node that was away. */
  forgive(): void {
    this.#failures.clear()
  }

  /**
   * Connects to a peer that is needed now, however many are connected and also when it failed lately; true when it is
   * connected. Never rejects.
   */
  async reach(hint: PeerHint): Promise<boolean> {
    if (this.#isConnected(hint.id)) return true
    const dialling = this.#dialling.get(hint.id)
    if (dialling !== undefined) return await dialling
    if (!this.#running || !this.#mayDial(hint.id)) return false
    this.#waiting.delete(hint.id)
    return await this.#dial(hint)
  }

  /** Whether the other node will dial as well, and first; a node without peers waits for nobody. */
  #isSecond(id: string): boolean {
    const { libp2p } = this.#components
    return libp2p.peerId.toString() > id && libp2p.getPeers().length > 0
  }

  /** What waits for a dial waits so long. */
  #later(id: string, ms: number): void {
    const goOn = (): void => {
      this.#soon.delete(id)
      this.#next()
    }
    this.#soon.set(id, this.#components.clock.after(ms, goOn))
  }

  #wants(id: string, useful: boolean): boolean {
    const connected = this.#components.libp2p.getPeers().length
    if (connected > 0 && this.#components.background?.() === false) return false
    const target = useful ? this.#target + USEFUL_PEERS : this.#target
    if (connected + this.#dialling.size + this.#soon.size >= target || !this.#mayDial(id) || this.#isConnected(id))
      return false
    return (this.#failures.peek(id)?.notBefore ?? Number.NEGATIVE_INFINITY) <= this.#components.clock.monotonic()
  }

  #mayDial(id: string): boolean {
    const { libp2p, isDenied } = this.#components
    return id !== libp2p.peerId.toString() && !isDenied(id)
  }

  #isConnected(id: string): boolean {
    return this.#components.libp2p.getPeers().some((peer) => peer.toString() === id)
  }

  #next(): void {
    for (const [id, hint] of this.#waiting) {
      if (this.#dialling.size >= this.#concurrency) return
      if (this.#soon.has(id)) continue
      this.#waiting.delete(id)
      if (!this.#dialling.has(id) && this.#wants(id, hint.useful)) void this.#dial(hint)
    }
  }

  #dial(hint: PeerHint): Promise<boolean> {
    const dialling = this.#dialOnce(hint).finally(() => {
      this.#dialling.delete(hint.id)
      this.#next()
    })
    this.#dialling.set(hint.id, dialling)
    return dialling
  }

  async #dialOnce({ id, addresses }: PeerHint): Promise<boolean> {
    const { libp2p, clock, log, reach } = this.#components
    const at = (places: readonly Multiaddr[]): Multiaddr[] =>
      places.slice(0, MAX_ADDRESSES_PER_PEER).map((address) => addressedTo(address, id))
    const dial = async (signal: AbortSignal): Promise<void> => {
      const through = addresses.length > 0 ? [] : at(reach?.through() ?? [])
      if (through.length > 0) {
        try {
          await libp2p.dial(through, { signal })
          return
        } catch (error) {
          if (signal.aborted) throw error // the relays know nothing of it: others may
        }
      }
      await libp2p.dial(addresses.length > 0 ? at(addresses) : peerIdFromString(id), { signal })
    }
    try {
      await withinLimit(this.#stopping.signal, BACKGROUND_DIAL_MS, 'no connection', dial, clock)
      this.#failures.delete(id)
      return true
    } catch (error) {
      const count = (this.#failures.peek(id)?.count ?? 0) + 1
      const again = addresses.length === 0 && count <= UNADDRESSED_TRIES
      const wait = backOffMs(again ? UNADDRESSED : FAILED_DIAL, count, this.#rng)
      this.#failures.set(id, { count, notBefore: clock.monotonic() + wait })
      if (again && this.#running && this.#waiting.size < MAX_WAITING_HINTS) {
        this.#waiting.set(id, { id, addresses, useful: false })
        this.#later(id, wait)
      }
      const { code, message } = toRealmeshError(error, 'PEER_UNREACHABLE')
      log.debug({ code, peer: id, cause: message }, 'hinted peer did not answer')
      return false
    }
  }
}
