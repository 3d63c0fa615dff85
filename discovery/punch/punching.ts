/**
 * Makes direct connections out of relayed ones, in the background: the relayed connection serves meanwhile, and for as
 * long as there is no other. Where the peer names a public address that is dialled; else the node that dialled the
 * relayed connection punches a way through both routers.
 */
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type LinkedAbort, linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import { MAX_ADDRESSES_PER_PEER } from '../contact/peer-dialer.ts'
import { dialableOf, isCarried, isOurTurn, onlyCarried, punchedAddress } from './connections.ts'
import type { HopelessPunches } from './hopeless-punches.ts'
import type { PunchingState } from './punching-state.ts'

/** Tries at once, over all peers: each costs both sides sockets, and some dozens of packets. */
export const MAX_PUNCHES = 2

/** How long a public address may take. */
export const DIRECT_DIAL_MS = 3_000

/** How long a punch may take: six round trips to the other side of the world, the slowest of them lost once. */
export const PUNCH_MS = 6_000

/** How often relayed connections are looked over, for those whose wait is over. */
export const PUNCH_LOOK_MS = 30_000

/** What a peer has said of itself. */
interface KnownOfPeer {
  readonly protocols: readonly string[]
  readonly addresses: readonly { readonly multiaddr: Multiaddr }[]
}

/** What is used of libp2p. */
export type PunchingLibp2p = Pick<
  Libp2p,
  'peerId' | 'getConnections' | 'addEventListener' | 'removeEventListener' | 'dial'
> & { readonly peerStore: { get(peer: PeerId): Promise<KnownOfPeer> } }

export interface PunchingComponents {
  readonly libp2p: PunchingLibp2p
  /** Opens a connection by signalling, beside libp2p's dials: lanes would join one of those, and cannot wait. */
  readonly punch: (address: Multiaddr, signal: AbortSignal) => Promise<Connection>
  readonly hopeless: HopelessPunches
  readonly webRtc: { readonly state: PunchingState }
  readonly isDenied: (peer: string) => boolean
  readonly clock: Clock
  readonly log: Logger
}

export interface PunchingInit {
  /** The protocol of a peer that can be punched through to. */
  readonly signalling: string
}

/** How far a direct way to a peer is that is reached over a relay. */
export type PunchProgress = 'waiting' | 'trying' | 'hopeless'

/** Peers that are reached over relays alone, by how far a direct way is; and how many were made direct. */
export type PunchCounts = Readonly<Record<PunchProgress | 'opened', number>>

export class Punching implements Startable {
  readonly #components: PunchingComponents
  readonly #signalling: string
  readonly #waiting = new Map<string, PeerId>()
  readonly #trying = new Map<string, LinkedAbort>()
  #running = false
  #opened = 0
  #cancelLook: (() => void) | undefined

  constructor(components: PunchingComponents, init: PunchingInit) {
    this.#components = components
    this.#signalling = init.signalling
  }

  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    const { libp2p } = this.#components
    libp2p.addEventListener('peer:identify', this.#onIdentify)
    libp2p.addEventListener('connection:open', this.#onOpen)
    libp2p.addEventListener('connection:close', this.#onClose)
    this.#lookLater()
  }

  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    const { libp2p } = this.#components
    libp2p.removeEventListener('peer:identify', this.#onIdentify)
    libp2p.removeEventListener('connection:open', this.#onOpen)
    libp2p.removeEventListener('connection:close', this.#onClose)
    this.#cancelLook?.()
    this.#waiting.clear()
    for (const trying of this.#trying.values()) trying.abort()
  }

  /** Of a peer that is reached over a relay alone; undefined for all others. */
  progressOf(peer: PeerId): PunchProgress | undefined {
    const id = peer.toString()
    if (onlyCarried(this.#components.libp2p.getConnections(peer)).length === 0) return undefined
    if (this.#trying.has(id)) return 'trying'
    return this.#components.hopeless.waitMs(id) > 0 ? 'hopeless' : 'waiting'
  }

  get counts(): PunchCounts {
    const { libp2p } = this.#components
    const peers = new Map(libp2p.getConnections().map(({ remotePeer }) => [remotePeer.toString(), remotePeer]))
    const counts = { waiting: 0, trying: 0, hopeless: 0, opened: this.#opened }
    for (const peer of peers.values()) {
      const progress = this.progressOf(peer)
      if (progress !== undefined) counts[progress] += 1
    }
    return counts
  }

  readonly #onIdentify = ({ detail }: CustomEvent<{ readonly peerId: PeerId }>): void => this.#consider(detail.peerId)

  /** The peer is reached otherwise: what is tried is no longer needed. */
  readonly #onOpen = ({ detail }: CustomEvent<Connection>): void => {
    if (isCarried(detail)) return
    const id = detail.remotePeer.toString()
    this.#waiting.delete(id)
    this.#trying.get(id)?.abort()
  }

  /** A direct connection may have been the last. */
  readonly #onClose = ({ detail }: CustomEvent<Connection>): void => this.#consider(detail.remotePeer)

  #lookLater(): void {
    this.#cancelLook = this.#components.clock.after(PUNCH_LOOK_MS, () => {
      for (const connection of this.#components.libp2p.getConnections()) {
        if (isCarried(connection)) this.#consider(connection.remotePeer)
      }
      this.#lookLater()
    })
  }

  #consider(peer: PeerId): void {
    const { libp2p, hopeless, isDenied } = this.#components
    const id = peer.toString()
    if (!this.#running || this.#trying.has(id) || isDenied(id) || hopeless.waitMs(id) > 0) return
    if (onlyCarried(libp2p.getConnections(peer)).length === 0) return
    this.#waiting.set(id, peer)
    this.#next()
  }

  #next(): void {
    for (const [id, peer] of this.#waiting) {
      if (this.#trying.size >= MAX_PUNCHES) return
      this.#waiting.delete(id)
      const trying = linkedAbort()
      this.#trying.set(id, trying)
      void this.#try(peer, trying).finally(() => {
        this.#trying.delete(id)
        this.#next()
      })
    }
  }

  async #try(peer: PeerId, trying: LinkedAbort): Promise<void> {
    const { hopeless, log } = this.#components
    const id = peer.toString()
    const ways = await this.#waysTo(peer)
    for (const way of ways) {
      if (this.#isDirect(peer) || !this.#running) break
      try {
        await way(trying)
      } catch (error) {
        log.debug({ peer: id, cause: toRealmeshError(error, 'PEER_UNREACHABLE').message }, 'no direct way to the peer')
      }
    }
    if (this.#isDirect(peer)) {
      hopeless.forget(id)
      this.#opened += 1
      log.debug({ peer: id }, 'the peer is reached directly, no longer over a relay')
    } else if (ways.length > 0 && this.#running) hopeless.failed(id)
  }

  /** In the order in which they are tried; none where there is nothing to try, or the peer tries. */
  async #waysTo(peer: PeerId): Promise<readonly ((trying: LinkedAbort) => Promise<Connection>)[]> {
    const { libp2p, punch, webRtc, clock } = this.#components
    const { protocols, addresses } = await libp2p.peerStore.get(peer).catch(() => NOTHING)
    const id = peer.toString()
    const carried = onlyCarried(libp2p.getConnections(peer))
    const [first] = carried
    const dialable = dialableOf(addresses.map(({ multiaddr }) => multiaddr)).slice(0, MAX_ADDRESSES_PER_PEER)
    const ways: ((trying: LinkedAbort) => Promise<Connection>)[] = []
    if (dialable.length > 0) {
      ways.push(({ signal }) =>
        withinLimit(
          signal,
          DIRECT_DIAL_MS,
          'no answer',
          (limited) => libp2p.dial([...dialable], { signal: limited }),
          clock,
        ),
      )
    }
    if (first !== undefined && webRtc.state === 'ready' && protocols.includes(this.#signalling)) {
      if (isOurTurn(carried, libp2p.peerId.toString(), id)) {
        const address = punchedAddress(first, id)
        ways.push(({ signal }) =>
          withinLimit(signal, PUNCH_MS, 'no way through', (limited) => punch(address, limited), clock),
        )
      }
    }
    return ways
  }

  #isDirect(peer: PeerId): boolean {
    return this.#components.libp2p.getConnections(peer).some((one) => one.status === 'open' && !isCarried(one))
  }
}

const NOTHING: KnownOfPeer = { protocols: [], addresses: [] }
