/**
 * Gets the cards of connected peers into the table: once when a peer comes, again when its card seems outdated, and on
 * demand when it must be known what a peer is to us before it is served. One fetch per peer at a time.
 */
import { LRUCache } from 'lru-cache'
import type { Logger } from '../../core/logger.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import type { Relation } from '../../core/scope.ts'
import type { Card } from '../../protocols/card/card.ts'
import type { PeerTable } from './peer-table.ts'

/** How long a failed fetch stands as the answer: short, because the peer may only have been starting. */
export const FAILED_CARD_MS = 2_000
/** Shortest time between two fetches from one peer for which no query waits. */
export const REFRESH_GAP_MS = 1_000
/** Peers whose refresh waits for that gap; above what can be connected. */
const MAX_PENDING_REFRESHES = 1_000
/** Peers of which a failure is kept. */
const MAX_FAILURES = 1_000

export interface PeerCardsComponents {
  readonly table: Pick<PeerTable, 'get' | 'setCard' | 'relation'>
  readonly clock: Clock
  readonly log: Logger
  /**
   * Fetches a card whose signature is the peer's own, within a time of its own. Rejects when the peer is not connected;
   * never dials.
   */
  fetch(peer: string, options: { readonly signal: CancelSignal }): Promise<Card>
}

export class PeerCards implements Startable {
  readonly #components: PeerCardsComponents
  readonly #inFlight = new Map<string, Promise<Card | undefined>>()
  readonly #failedAt = new LRUCache<string, number>({ max: MAX_FAILURES })
  /** Refreshes that wait, with what cancels them. */
  readonly #pending = new Map<string, () => void>()
  #stopping = linkedAbort()

  constructor(components: PeerCardsComponents) {
    this.#components = components
  }

  async start(): Promise<void> {
    if (this.#stopping.signal.aborted) this.#stopping = linkedAbort()
  }

  async stop(): Promise<void> {
    for (const cancel of this.#pending.values()) cancel()
    this.#pending.clear()
    this.#stopping.abort()
    await Promise.all(this.#inFlight.values())
  }

  /**
   * What the peer is to us, proved by its card; the card is fetched when there is none, or `anew` when it has just
   * become another. Undefined when the peer shows no sound card in time: a stranger, or one of ours that is busy. Never
   * rejects.
   */
  async relationOf(peer: string, anew = false): Promise<Relation | undefined> {
    const { table } = this.#components
    const isMissing = table.get(peer)?.card === undefined && !this.#failedLately(peer)
    if (anew || isMissing) await this.#fetch(peer)
    return table.get(peer)?.card === undefined ? undefined : table.relation(peer)
  }

  /** Fetches the card now, unless that is going on already; undefined when the peer shows none. Never rejects. */
  fetch(peer: string): Promise<Card | undefined> {
    return this.#fetch(peer)
  }

  /** Fetches the card; when that was done a moment ago, a moment later. */
  refresh(peer: string): void {
    const wait = this.#triedAt(peer) + REFRESH_GAP_MS - this.#components.clock.monotonic()
    if (wait <= 0) void this.#fetch(peer)
    else if (!this.#pending.has(peer) && this.#pending.size < MAX_PENDING_REFRESHES) {
      const cancel = this.#components.clock.after(wait, () => {
        this.#pending.delete(peer)
        void this.#fetch(peer)
      })
      this.#pending.set(peer, cancel)
    }
  }

  #triedAt(peer: string): number {
    const cardAt = this.#components.table.get(peer)?.cardAt ?? Number.NEGATIVE_INFINITY
    return Math.max(cardAt, this.#failedAt.peek(peer) ?? Number.NEGATIVE_INFINITY)
  }

  #failedLately(peer: string): boolean {
    const at = this.#failedAt.peek(peer)
    return at !== undefined && this.#components.clock.monotonic() - at < FAILED_CARD_MS
  }

  #fetch(peer: string): Promise<Card | undefined> {
    const going = this.#inFlight.get(peer)
    if (going !== undefined) return going
    const fetching = this.#fetchOnce(peer).finally(() => {
      this.#inFlight.delete(peer)
    })
    this.#inFlight.set(peer, fetching)
    return fetching
  }

  async #fetchOnce(peer: string): Promise<Card | undefined> {
    const { table, clock, log, fetch } = this.#components
    try {
      const card = await fetch(peer, { signal: this.#stopping.signal })
      if (card.peerId !== peer) throw new RealmeshError('PROTOCOL_ERROR', 'the card is that of another peer')
      table.setCard(card)
      this.#failedAt.delete(peer)
      return card
    } catch (error) {
      this.#failedAt.set(peer, clock.monotonic())
      const { code, message } = toRealmeshError(error, 'PEER_UNREACHABLE')
      log.debug({ code, peer, cause: message }, 'no card from peer')
      return undefined
    }
  }
}
