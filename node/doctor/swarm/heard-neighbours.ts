/** Neighbours that were heard lately in the local network: libp2p forgets how it learned of a peer. */
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../../core/run/clock.ts'
import type { HeardNeighbour } from './swarm-readings.ts'

/** Anybody in the local network can announce as many nodes as they like; the doctor looks at a few. */
export const MAX_NOTED_NEIGHBOURS = 64

/** Addresses that are kept of each: a host has a few. */
const MAX_NOTED_ADDRESSES = 8

/** Each node answers the question that every other asks in ten seconds. */
const LATELY_MS = 120_000

export class HeardNeighbours {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #heard = new LRUCache<string, HeardNeighbour & { readonly at: number }>({ max: MAX_NOTED_NEIGHBOURS })

  constructor({ clock }: { readonly clock: Pick<Clock, 'monotonic'> }) {
    this.#clock = clock
  }

  note(id: string, addresses: readonly string[]): void {
    this.#heard.set(id, { id, addresses: addresses.slice(0, MAX_NOTED_ADDRESSES), at: this.#clock.monotonic() })
  }

  /** The latest first. */
  lately(): readonly HeardNeighbour[] {
    const now = this.#clock.monotonic()
    return [...this.#heard.values()]
      .filter(({ at }) => now - at <= LATELY_MS)
      .map(({ id, addresses }) => ({ id, addresses }))
  }
}
