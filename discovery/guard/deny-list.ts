/**
 * Peers that are shut out for a while, how that is done, and the part of libp2p's connection gater that keeps them out.
 */
import type { Connection, ConnectionGater, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
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

export class DenyList {
  readonly #clock: Clock
  readonly #durationMs: number
  /** Until when, monotonic. */
  readonly #denied: LRUCache<string, number>

  constructor({ clock }: DenyListComponents, init: DenyListInit = {}) {
    this.#clock = clock
    this.#durationMs = init.durationMs ?? DENY_MS
    this.#denied = new LRUCache({ max: init.maxPeers ?? MAX_DENIED_PEERS })
  }

  /** Shuts `peer` out from now on. */
  deny(peer: string): void {
    this.#denied.set(peer, this.#clock.monotonic() + this.#durationMs)
  }

  isDenied(peer: string): boolean {
    const until = this.#denied.peek(peer)
    if (until === undefined) return false
    if (this.#clock.monotonic() < until) return true
    this.#denied.delete(peer)
    return false
  }
}

export interface ShutOutComponents {
  readonly libp2p: { getConnections(peer: PeerId): Pick<Connection, 'abort'>[] }
  readonly denyList: Pick<DenyList, 'isDenied' | 'deny'>
  readonly log: Logger
}

/** Denies the peer, so that it cannot come back, and cuts all its connections before it returns. */
export function shutOut({ denyList, libp2p, log }: ShutOutComponents, peer: string, reason: string): void {
  if (denyList.isDenied(peer)) return
  denyList.deny(peer)
  const cause = new RealmeshError('PROTOCOL_ERROR', reason)
  for (const connection of libp2p.getConnections(peerIdFromString(peer))) connection.abort(cause)
  log.warn({ peer, reason }, 'peer cut and denied for 30 minutes')
}

/** The gates of a connection gater that consult `list`: no dial to a denied peer, and no connection from one. */
export function denyListGates(
  list: Pick<DenyList, 'isDenied'>,
): Required<
  Pick<ConnectionGater, 'denyDialPeer' | 'denyInboundEncryptedConnection' | 'denyOutboundEncryptedConnection'>
> {
  const denied = (peer: PeerId): boolean => list.isDenied(peer.toString())
  return {
    denyDialPeer: denied,
    denyInboundEncryptedConnection: denied,
    denyOutboundEncryptedConnection: denied,
  }
}
