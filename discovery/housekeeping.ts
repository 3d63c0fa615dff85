/**
 * What is done again and again while a node runs: round trips read, old cards fetched anew, peers forgotten, met again
 * and noted.
 */
import type { Clock } from '../core/run/clock.ts'
import type { Startable } from '../core/run/startable.ts'
import type { ContactKeeper } from './contact/contact-keeper.ts'
import type { RememberedPeers } from './contact/remembered-peers.ts'
import type { ExcessContacts } from './demand/excess-contacts.ts'
import type { PeerCards } from './peers/peer-cards.ts'
import type { PeerTable } from './peers/peer-table.ts'
import type { PeerWatch } from './peers/peer-watch.ts'

/** How often it runs, milliseconds. */
export const TICK_MS = 5_000
/** A card older than this is fetched again: connected nodes tell by their load records that there is a newer one. */
export const CARD_MAX_AGE_MS = 3_600_000
/** Old cards that one tick fetches: a swarm that joined in one moment must not ask for all cards in one moment. */
export const CARDS_PER_TICK = 8
/** With fewer peers than this the remembered ones are dialled again. */
const LOW_WATER_PEERS = 4
/** How often the last contact with connected peers is noted. */
const NOTE_MS = 5 * 60_000

export interface HousekeepingComponents {
  readonly table: Pick<PeerTable, 'entries' | 'sweep' | 'connectedCount'>
  readonly watch: Pick<PeerWatch, 'readRoundTrips'>
  readonly cards: Pick<PeerCards, 'refresh'>
  readonly remembered: Pick<RememberedPeers, 'has'>
  readonly contacts: Pick<ContactKeeper, 'dialRemembered' | 'noteConnected'>
  readonly excess: Pick<ExcessContacts, 'letGo'>
  readonly clock: Clock
}

export interface HousekeepingInit {
  /** Numbers from 0 to 1. @default Math.random */
  readonly rng?: () => number
}

export class Housekeeping implements Startable {
  readonly #components: HousekeepingComponents
  readonly #rng: () => number
  #notedAt = 0
  #cancelTick: (() => void) | undefined

  constructor(components: HousekeepingComponents, init: HousekeepingInit = {}) {
    this.#components = components
    this.#rng = init.rng ?? Math.random
  }

  async start(): Promise<void> {
    if (this.#cancelTick !== undefined) return
    this.#notedAt = this.#components.clock.monotonic()
    this.#scheduleTick()
  }

  async stop(): Promise<void> {
    this.#cancelTick?.()
    this.#cancelTick = undefined
  }

  #scheduleTick(): void {
    this.#cancelTick = this.#components.clock.after(TICK_MS, () => {
      const { table, watch, remembered, contacts, excess, clock } = this.#components
      watch.readRoundTrips()
      table.sweep((id) => remembered.has(id))
      this.#refreshOldCards()
      void excess.letGo()
      if (table.connectedCount < LOW_WATER_PEERS) contacts.dialRemembered()
      if (clock.monotonic() - this.#notedAt >= NOTE_MS) {
        this.#notedAt = clock.monotonic()
        void contacts.noteConnected()
      }
      this.#scheduleTick()
    })
  }

  #refreshOldCards(): void {
    const { table, cards, clock } = this.#components
    const now = clock.monotonic()
    const old = [...table.entries()].filter((entry) => entry.connected && now - entry.cardAt >= CARD_MAX_AGE_MS)
    // From a random one on, so that peers that never answer do not keep the others' cards old.
    const first = Math.floor(this.#rng() * old.length)
    for (const { id } of [...old.slice(first), ...old.slice(0, first)].slice(0, CARDS_PER_TICK)) cards.refresh(id)
  }
}
