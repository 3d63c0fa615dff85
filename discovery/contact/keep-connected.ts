/**
 * Holds the connections to bootstrap peers, or to own nodes and friends, for ever: dials, waits longer after each
 * failure up to a cap, dials again when lost.
 */
import type { Connection, Libp2pEvents, PeerId, TypedEventTarget } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../../core/logger.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import { BACKGROUND_DIAL_MS, type BackOffRule, backOffMs } from './back-off.ts'
import { peerOf } from './bootstrap-list.ts'

/** Tag in libp2p's peer store. The prefix `keep-alive` makes its own reconnection and pruning spare the peer too. */
const KEEP_ALIVE_TAG = 'keep-alive-realmesh'
const KEEP_ALIVE_VALUE = 100
/**
 * A peer that is down for a day is knocked at 4,300 times, each a packet or three: cheap, and all is back within half a
 * minute of the return of the last one.
 */
const REDIAL: BackOffRule = { firstMs: 500, capMs: 20_000 }

/** What is used of libp2p. */
export interface KeepConnectedLibp2p
  extends Pick<TypedEventTarget<Libp2pEvents>, 'addEventListener' | 'removeEventListener'> {
  readonly peerId: PeerId
  readonly peerStore: {
    merge(
      peer: PeerId,
      data: {
        readonly multiaddrs?: Multiaddr[]
        readonly tags: Record<string, { readonly value: number } | undefined>
      },
    ): Promise<unknown>
  }
  dial(target: Multiaddr[], options: { readonly signal: AbortSignal }): Promise<Connection>
  getConnections(peer: PeerId): Connection[]
  /** Where this node listens. */
  getMultiaddrs(): Multiaddr[]
}

export interface KeepConnectedComponents {
  readonly libp2p: KeepConnectedLibp2p
  readonly clock: Clock
  readonly log: Logger
  /** Told of addresses that name this node itself: they are not kept. */
  readonly onSelf?: (addresses: readonly Multiaddr[]) => void
}

export interface KeepConnectedInit {
  /** Addresses that name their peers, or the constructor throws `BAD_MULTIADDR`; several may name the same. */
  readonly addresses: readonly Multiaddr[]
  /**
   * What the peers are. That a bootstrap peer is not reached is the operator's to know; own nodes and friends are
   * switched off at night. @default 'bootstrap'
   */
  readonly what?: 'bootstrap' | 'circle'
  /** @default Math.random */
  readonly rng?: () => number
}

const NAME_THE_NETWORK = 'use the address that the other node has in the network, which `realmesh status` prints there'

/** An address without the peer that it names. */
function placeOf(address: Multiaddr): string {
  return address.toString().replace(/\/p2p\/[^/]+$/, '')
}

interface Kept {
  readonly peer: PeerId
  addresses: Multiaddr[]
  failures: number
  /** What the last dial ended with; undefined after one that did not fail. */
  cause: string | undefined
  dialling: boolean
  cancelRedial: (() => void) | undefined
  /** When it is dialled again, monotonic; counts while `cancelRedial` is set. */
  redialAt: number
}

/** How it stands with a peer that is kept. */
export interface HeldPeer {
  readonly peer: string
  readonly addresses: readonly string[]
  readonly connected: boolean
  /** Why the last dial failed; undefined while it is connected, and before the first has ended. */
  readonly cause: string | undefined
  /** Milliseconds until the next dial; undefined while it is connected or being dialled. */
  readonly nextTryMs: number | undefined
}

function byPeer(addresses: readonly Multiaddr[]): Map<string, Kept> {
  const kept = new Map<string, Kept>()
  for (const address of addresses) {
    const peer = peerOf(address)
    if (peer === undefined) {
      const fix = 'end the address with /p2p/ and the id that `realmesh status` prints on that node'
      throw new RealmeshError('BAD_MULTIADDR', `bootstrap address "${address.toString()}" names no peer`, { fix })
    }
    const entry = kept.get(peer.toString())
    if (entry !== undefined) entry.addresses.push(address)
    else {
      kept.set(peer.toString(), {
        peer,
        addresses: [address],
        failures: 0,
        cause: undefined,
        dialling: false,
        cancelRedial: undefined,
        redialAt: 0,
      })
    }
  }
  return kept
}

export class KeepConnected implements Startable {
  readonly #components: KeepConnectedComponents
  readonly #rng: () => number
  readonly #what: 'bootstrap' | 'circle'
  #kept: Map<string, Kept> = new Map()
  #stopping = linkedAbort()
  #running = false

  constructor(components: KeepConnectedComponents, init: KeepConnectedInit) {
    this.#components = components
    this.#rng = init.rng ?? Math.random
    this.#what = init.what ?? 'bootstrap'
    this.keep(init.addresses)
  }

  /** How it stands with each of them. */
  peers(): readonly HeldPeer[] {
    const { libp2p, clock } = this.#components
    return [...this.#kept].map(([id, { peer, addresses, cause, cancelRedial, redialAt }]) => {
      const connected = libp2p.getConnections(peer).length > 0
      const nextTryMs = connected || cancelRedial === undefined ? undefined : Math.max(0, redialAt - clock.monotonic())
      const texts = addresses.map((address) => address.toString())
      return { peer: id, addresses: texts, connected, cause: connected ? undefined : cause, nextTryMs }
    })
  }

  /**
   * Keeps these peers from now on and no others: connections to those that stay are not touched, those to others are
   * kept no longer, but not closed. Throws as the constructor does; then nothing has changed.
   */
  keep(addresses: readonly Multiaddr[]): void {
    const before = this.#kept
    const next = byPeer(addresses)
    const self = this.#components.libp2p.peerId.toString()
    const own = next.get(self)
    if (own !== undefined && next.delete(self)) this.#components.onSelf?.(own.addresses)
    this.#kept = new Map(
      [...next].map(([id, fresh]) => [id, Object.assign(before.get(id) ?? fresh, { addresses: fresh.addresses })]),
    )
    for (const [id, kept] of before) if (!this.#kept.has(id)) this.#letGo(kept)
    if (!this.#running) return
    for (const [id, kept] of this.#kept) if (!before.has(id)) void this.#hold(kept)
  }

  /** Dials at once all that are not connected, however long they have failed: this node was away, or has moved. */
  hurry(): void {
    if (!this.#running) return
    for (const kept of this.#kept.values()) {
      kept.failures = 0
      if (kept.dialling || this.#components.libp2p.getConnections(kept.peer).length > 0) continue
      kept.cancelRedial?.()
      kept.cancelRedial = undefined
      void this.#hold(kept)
    }
  }

  /** One line for each of them that is not reached, with the next try and the cause. */
  warnings(): readonly string[] {
    return this.peers().flatMap(({ peer, cause, nextTryMs }) => {
      if (cause === undefined) return []
      const next = nextTryMs === undefined ? 'tried again now' : `next try in ${Math.ceil(nextTryMs / 1_000)} s`
      return [`bootstrap peer …${peer.slice(-8)} is not reached (${next}): ${cause}`]
    })
  }

  /** Returns at once; the dials go on behind it. */
  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    this.#stopping = linkedAbort()
    this.#components.libp2p.addEventListener('peer:disconnect', this.#onDisconnect)
    for (const kept of this.#kept.values()) void this.#hold(kept)
  }

  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    this.#components.libp2p.removeEventListener('peer:disconnect', this.#onDisconnect)
    this.#stopping.abort()
    for (const kept of this.#kept.values()) {
      kept.cancelRedial?.()
      kept.cancelRedial = undefined
    }
  }

  /** Whether this node listens there: another machine's 127.0.0.1 is our own. */
  #isOwn(address: Multiaddr): boolean {
    const place = placeOf(address)
    return this.#components.libp2p.getMultiaddrs().some((own) => placeOf(own) === place)
  }

  readonly #onDisconnect = (event: CustomEvent<PeerId>): void => {
    const kept = this.#kept.get(event.detail.toString())
    if (kept !== undefined && !kept.dialling && kept.cancelRedial === undefined) this.#redialLater(kept)
  }

  get #tag(): string {
    return `${KEEP_ALIVE_TAG}-${this.#what}`
  }

  #letGo(kept: Kept): void {
    const { libp2p, log } = this.#components
    kept.cancelRedial?.()
    libp2p.peerStore.merge(kept.peer, { tags: { [this.#tag]: undefined } }).catch((error: unknown) => {
      log.debug(
        { peer: kept.peer.toString(), cause: toRealmeshError(error).message },
        'a peer is still spared by libp2p',
      )
    })
  }

  async #hold(kept: Kept): Promise<void> {
    const { libp2p, clock, log } = this.#components
    kept.dialling = true
    const dial = async (signal: AbortSignal): Promise<void> => {
      // With the addresses: the tag makes libp2p dial by itself, and a peer without any would fail our own dial too.
      await libp2p.peerStore.merge(kept.peer, {
        multiaddrs: kept.addresses,
        tags: { [this.#tag]: { value: KEEP_ALIVE_VALUE } },
      })
      await libp2p.dial(kept.addresses, { signal })
    }
    try {
      await withinLimit(this.#stopping.signal, BACKGROUND_DIAL_MS, 'no connection', dial, clock)
      kept.failures = 0
      kept.cause = undefined
    } catch (error) {
      const { code, message } = toRealmeshError(error, 'PEER_UNREACHABLE')
      const own = kept.addresses.find((address) => this.#isOwn(address))
      kept.cause = own === undefined ? message : `${own.toString()} is this node itself: ${NAME_THE_NETWORK}`
      const level = kept.failures === 0 && this.#what === 'bootstrap' ? 'warn' : 'debug'
      log[level](
        { code, peer: kept.peer.toString(), cause: kept.cause },
        `${this.#what} peer not reached; trying again`,
      )
    }
    kept.dialling = false
    // Also after a success: the connection may be gone again before its event could be heard.
    if (libp2p.getConnections(kept.peer).length === 0) this.#redialLater(kept)
  }

  #redialLater(kept: Kept): void {
    if (!this.#running || this.#kept.get(kept.peer.toString()) !== kept) return
    kept.failures += 1
    kept.cancelRedial?.()
    const { clock } = this.#components
    const waitMs = backOffMs(REDIAL, kept.failures, this.#rng)
    kept.redialAt = clock.monotonic() + waitMs
    kept.cancelRedial = clock.after(waitMs, () => {
      kept.cancelRedial = undefined
      if (this.#components.libp2p.getConnections(kept.peer).length > 0) kept.failures = 0
      else void this.#hold(kept)
    })
  }
}
