/**
 * Notices a second node with this node's identity, as a copied home makes one: other nodes take the two for one, and
 * what is meant for either reaches the other. libp2p never dials its own id; so addresses at which it is said to be are
 * dialled without it, and a handshake tells on both sides.
 */
import type { PeerId } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { LRUCache } from 'lru-cache'
import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import { isRelayed } from '../addresses/relayed.ts'
import type { Handshake } from '../guard/wire/secured-peers.ts'
import { BACKGROUND_DIAL_MS } from './back-off.ts'
import { withoutPeer } from './known-addresses.ts'

/**
 * Both ends of a handshake within this time are this node's own: it has dialled itself, through its router perhaps.
 */
export const SELF_DIAL_MS = 2_000
/** An address is looked at again after this time. */
export const LOOK_AGAIN_MS = 60_000
/**
 * Looks at one address, and the time between them: the node that dials ends the connection as soon as it knows itself,
 * which may be before the other one has read the proof.
 */
export const LOOKS = 4
export const LOOK_SPACING_MS = 5_000
/** Addresses of which the last look is kept, and so those that are looked at in that time. */
export const MAX_LOOKED_AT = 16

export interface TwinWatchComponents {
  readonly libp2p: {
    readonly peerId: PeerId
    dial(target: Multiaddr[], options: { readonly signal: AbortSignal }): Promise<unknown>
    /** Where this node listens. */
    getMultiaddrs(): Multiaddr[]
  }
  readonly clock: Clock
  readonly log: Logger
}

export class TwinWatch implements Startable {
  readonly #components: TwinWatchComponents
  readonly #lookedAt = new LRUCache<string, number>({ max: MAX_LOOKED_AT })
  /** Own handshakes that wait for a verdict. */
  #seen: Handshake[] = []
  #cancelVerdict: (() => void) | undefined
  #waiting: readonly Multiaddr[] = []
  /** Looks that are still to come, by address. */
  readonly #looksLeft = new Map<string, number>()
  #cancelLooks: (() => void) | undefined
  /** Where the other one is; undefined while there is none. */
  #twinAt: string | undefined
  #stopping = linkedAbort()
  #running = false

  constructor(components: TwinWatchComponents) {
    this.#components = components
  }

  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    this.#stopping = linkedAbort()
    this.heard(this.#waiting)
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#cancelVerdict?.()
    this.#cancelVerdict = undefined
    this.#cancelLooks?.()
    this.#cancelLooks = undefined
    this.#looksLeft.clear()
    this.#stopping.abort()
  }

  /** One line when there is another one. */
  warnings(): readonly string[] {
    return this.#twinAt === undefined ? [] : [`${causeAt(this.#twinAt)}: ${FIX}`]
  }

  /** This node's identity is said to be found there. Left out are own addresses, and a relay's: it is there. */
  readonly heard = (addresses: readonly Multiaddr[]): void => {
    if (!this.#running) {
      this.#waiting = [...this.#waiting, ...addresses].slice(0, MAX_LOOKED_AT)
      return
    }
    const own = new Set(this.#components.libp2p.getMultiaddrs().map((address) => withoutPeer(address.toString())))
    for (const address of addresses) {
      const place = withoutPeer(address.toString())
      if (!own.has(place) && !isRelayed(address) && this.#mayLookAt(place)) this.#looksLeft.set(place, LOOKS)
    }
    if (this.#cancelLooks === undefined) this.#lookAround()
  }

  #lookAround(): void {
    for (const [place, left] of this.#looksLeft) {
      if (left > 1) this.#looksLeft.set(place, left - 1)
      else this.#looksLeft.delete(place)
      void this.#look(place)
    }
    const more = this.#looksLeft.size > 0
    this.#cancelLooks = more ? this.#components.clock.after(LOOK_SPACING_MS, () => this.#lookAround()) : undefined
  }

  /** A handshake proved a key. */
  readonly onHandshake = (handshake: Handshake): void => {
    if (!this.#running || handshake.peer !== this.#components.libp2p.peerId.toString()) return
    this.#seen.push(handshake)
    this.#cancelVerdict ??= this.#components.clock.after(SELF_DIAL_MS, () => this.#judge())
  }

  #judge(): void {
    const seen = this.#seen
    this.#seen = []
    this.#cancelVerdict = undefined
    const [first] = seen
    if (first === undefined || seen.some(({ direction }) => direction !== first.direction)) return
    const before = this.#twinAt
    this.#twinAt = first.remoteAddr?.toString() ?? 'an unknown address'
    if (before !== undefined) return
    this.#components.log.error({ address: this.#twinAt, fix: FIX }, causeAt(this.#twinAt))
  }

  #mayLookAt(place: string): boolean {
    const now = this.#components.clock.monotonic()
    const lookedAt = this.#lookedAt.peek(place) ?? Number.NEGATIVE_INFINITY
    if (now - lookedAt < LOOK_AGAIN_MS) return false
    // The oldest gives way once it may be looked at again: what others say makes no more dials than that.
    const oldest = this.#lookedAt.size < MAX_LOOKED_AT ? undefined : [...this.#lookedAt.values()].at(-1)
    if (oldest !== undefined && now - oldest < LOOK_AGAIN_MS) return false
    this.#lookedAt.set(place, now)
    return true
  }

  /** What is there tells by its handshake; that libp2p then refuses itself as a peer is expected. */
  async #look(place: string): Promise<void> {
    const { libp2p, clock, log } = this.#components
    const dial = async (signal: AbortSignal): Promise<void> => {
      await libp2p.dial([multiaddr(place)], { signal })
    }
    try {
      await withinLimit(this.#stopping.signal, BACKGROUND_DIAL_MS, 'no connection', dial, clock)
    } catch (error) {
      log.debug({ place, cause: toRealmeshError(error, 'PEER_UNREACHABLE').message }, 'looked for a twin')
    }
  }
}

const FIX =
  'its home was copied; stop one of the two, delete data/identity.key and state/peers.json in its home, and start it again'

function causeAt(address: string): string {
  return `another node runs with the identity of this one, at ${address}`
}
