/**
 * Peers that are shut out for a while, how that is done, and the part of libp2p's connection gater that keeps them out.
 */
import type { Connection, ConnectionGater, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { LRUCache } from 'lru-cache'
import type { Logger } from '../../core/logger.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'

/** How long a flooder stays out. */
export const DENY_MS = 30 * 60_000

/** Peer ids cost nothing to make: the oldest entries give way. About 1 MB when full. */
export const MAX_DENIED_PEERS = 10_000

export interface DenyListComponents {
  readonly clock: Clock
}

export interface DenyListInit {
  /** Milliseconds that an entry lasts. @default DENY_MS */
  readonly durationMs?: number
  /** @default MAX_DENIED_PEERS */
  readonly maxPeers?: number
}

/** A peer that is shut out. */
export interface DeniedPeer {
  readonly id: string
  readonly reason: string
  /** Milliseconds until it may come back; absent: until the owner lets it in. */
  readonly forMs?: number
}

const BLOCKED = 'blocked by the owner'

interface Denial {
  readonly reason: string
  /** Monotonic. */
  readonly until: number
}

export class DenyList {
  readonly #clock: Clock
  readonly #durationMs: number
  readonly #denied: LRUCache<string, Denial>
  /** By the owner's word. */
  #blocked: ReadonlySet<string> = new Set()

  constructor({ clock }: DenyListComponents, init: DenyListInit = {}) {
    this.#clock = clock
    this.#durationMs = init.durationMs ?? DENY_MS
    this.#denied = new LRUCache({ max: init.maxPeers ?? MAX_DENIED_PEERS })
  }

  /** Shuts `peer` out from now on. */
  deny(peer: string, reason: string): void {
    this.#denied.set(peer, { reason, until: this.#clock.monotonic() + this.#durationMs })
  }

  /** Lets a peer in again that was shut out for a while. */
  pardon(peer: string): void {
    this.#denied.delete(peer)
  }

  /** Those whom the owner wants shut out, for as long as they are named here. Returns who was not named before. */
  block(peers: readonly string[]): readonly string[] {
    const before = this.#blocked
    this.#blocked = new Set(peers)
    return peers.filter((peer) => !before.has(peer))
  }

  isDenied(peer: string): boolean {
    if (this.#blocked.has(peer)) return true
    const denial = this.#denied.peek(peer)
    if (denial === undefined) return false
    if (this.#clock.monotonic() < denial.until) return true
    this.#denied.delete(peer)
    return false
  }

  /** Those that are shut out now: by the owner, then the latest first. */
  list(): readonly DeniedPeer[] {
    const now = this.#clock.monotonic()
    const rest = [...this.#denied.entries()].flatMap(([id, { reason, until }]) =>
      now < until && !this.#blocked.has(id) ? [{ id, reason, forMs: until - now }] : [],
    )
    return [...[...this.#blocked].map((id) => ({ id, reason: BLOCKED })), ...rest]
  }

  /** Whether any peer is shut out for this reason. */
  has(reason: string): boolean {
    return this.list().some((denied) => denied.reason === reason)
  }
}

export interface ShutOutComponents {
  readonly libp2p: { getConnections(peer: PeerId): Pick<Connection, 'abort' | 'direction' | 'remoteAddr'>[] }
  readonly denyList: Pick<DenyList, 'isDenied' | 'deny' | 'has'>
  readonly log: Logger
  /** Told where a peer came from that is shut out. */
  readonly charge?: (address: Multiaddr) => void
}

/**
 * Denies the peer, so that it cannot come back, and cuts all its connections before it returns. The log names each
 * reason once while it lasts: one host can have a thousand identities.
 */
export function shutOut({ denyList, libp2p, log, charge }: ShutOutComponents, peer: string, reason: string): void {
  if (denyList.isDenied(peer)) return
  const level = denyList.has(reason) ? 'debug' : 'warn'
  denyList.deny(peer, reason)
  const cause = new RealmeshError('PROTOCOL_ERROR', reason)
  const connections = libp2p.getConnections(peerIdFromString(peer))
  const came = connections.find(({ direction }) => direction === 'inbound')
  if (came !== undefined) charge?.(came.remoteAddr)
  for (const connection of connections) connection.abort(cause)
  log[level]({ peer, reason }, 'peer cut and denied for 30 minutes, as are others that do the same; see realmesh peers')
}

/** Cuts all connections of peers whom the owner blocked; the deny list keeps them from coming back. */
export function cutBlocked({ libp2p }: Pick<ShutOutComponents, 'libp2p'>, peers: readonly string[]): void {
  const cause = new RealmeshError('PEER_LOST', BLOCKED)
  for (const peer of peers) {
    for (const connection of libp2p.getConnections(peerIdFromString(peer))) connection.abort(cause)
  }
}

/**
 * The gates of a connection gater that consult `list`: no dial to a denied peer, and no connection from one. `charge`
 * is told where a denied peer knocks: it has had a handshake, which is what costs.
 */
export function denyListGates(
  list: Pick<DenyList, 'isDenied'>,
  charge?: (address: Multiaddr) => void,
): Required<
  Pick<ConnectionGater, 'denyDialPeer' | 'denyInboundEncryptedConnection' | 'denyOutboundEncryptedConnection'>
> {
  const denied = (peer: PeerId): boolean => list.isDenied(peer.toString())
  return {
    denyDialPeer: denied,
    denyInboundEncryptedConnection: (peer, connection) => {
      if (!denied(peer)) return false
      charge?.(connection.remoteAddr)
      return true
    },
    denyOutboundEncryptedConnection: denied,
  }
}
