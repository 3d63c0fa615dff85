/**
 * Connects to known nodes that serve what a query waits for, while all that are connected are full. In the background:
 * the query asks again in its turn.
 */
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { type MeetPeerComponents, meetPeer } from '../contact/meet-peer.ts'
import { outOfContact } from '../peers/serving-peers.ts'

/** Nodes that are met at once, for all waiting queries together: a handshake is some 50 ms of CPU at both ends. */
export const MORE_AT_ONCE = 4
/** Longest time for one. */
const MEET_WITHIN_MS = 10_000

export interface MoreServersComponents extends Omit<MeetPeerComponents, 'table' | 'clock'> {
  readonly table: MeetPeerComponents['table'] & Parameters<typeof outOfContact>[0]
  readonly clock: Pick<Clock, 'monotonic' | 'after'>
}

export class MoreServers implements Startable {
  readonly #components: MoreServersComponents
  readonly #meeting = new Map<string, AbortController>()

  constructor(components: MoreServersComponents) {
    this.#components = components
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    for (const life of this.#meeting.values()) life.abort()
  }

  /** Begins to meet some of them, unless that is going on. */
  reach(wanted: { readonly model: string; readonly realm?: string }): void {
    for (const id of outOfContact(this.#components.table, wanted)) {
      if (this.#meeting.size >= MORE_AT_ONCE) return
      if (!this.#meeting.has(id)) void this.#meet(id)
    }
  }

  async #meet(id: string): Promise<void> {
    const life = new AbortController()
    this.#meeting.set(id, life)
    const stop = this.#components.clock.after(MEET_WITHIN_MS, () => life.abort())
    await meetPeer(this.#components, { id, addresses: [] }, life.signal)
    stop()
    this.#meeting.delete(id)
  }
}
