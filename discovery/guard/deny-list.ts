/** Peers that are shut out for a while, and the part of libp2p's connection gater that shuts them out. */
import type { ConnectionGater, PeerId } from '@libp2p/interface'
import { LRUCache } from 'lru-cache'
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

interface Denial {
  readonly until: number
  readonly reason: string
}

export class DenyList {
  readonly #clock: Clock
  readonly #durationMs: number
  readonly #denied: LRUCache<string, Denial>

  constructor({ clock }: DenyListComponents, init: DenyListInit = {}) {
    this.#clock = clock
    this.#durationMs = init.durationMs ?? DENY_MS
    this.#denied = new LRUCache({ max: init.maxPeers ?? MAX_DENIED_PEERS })
  }

  /** Shuts `peer` out from now on. `reason` is for logs and the operator. */
  deny(peer: string, reason: string): void {
    this.#denied.set(peer, { until: this.#clock.monotonic() + this.#durationMs, reason })
  }

  /** Lets `peer` in again. */
  forgive(peer: string): void {
    this.#denied.delete(peer)
  }

  isDenied(peer: string): boolean {
    const denial = this.#denied.peek(peer)
    if (denial === undefined) return false
    if (this.#clock.monotonic() < denial.until) return true
    this.#denied.delete(peer)
    return false
  }

  /** Who is shut out now, and why. */
  entries(): readonly { readonly peer: string; readonly reason: string; readonly msLeft: number }[] {
    const now = this.#clock.monotonic()
    return [...this.#denied.entries()]
      .filter(([, denial]) => denial.until > now)
      .map(([peer, denial]) => ({ peer, reason: denial.reason, msLeft: denial.until - now }))
  }
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
