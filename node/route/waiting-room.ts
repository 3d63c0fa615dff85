/**
 * Where queries wait when every node that could serve them is full. They stand in line: only the first few ask again,
 * at short intervals, so that a crowd of waiting queries does not bury the very nodes it waits for; and when one of
 * them gets in, the next asks at once, for there seems to be room.
 */

import { type RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'

/** Most queries of this node that wait at once; Ollama's own queue is as long. */
export const MAX_SEATS = 512

/** How many of the line ask again at a time: with more, simulated overload spent its time on refusals. */
export const MAX_ASKING = 4

/** A try again comes not sooner than this, whatever the refusing node said. */
const MIN_TURN_PAUSE_MS = 50

/** And not later. */
export const MAX_TURN_PAUSE_MS = 1_000

export interface WaitingRoomComponents {
  readonly clock: Clock
  /** Spreads the tries of queries that were refused together; 0 to 1. */
  readonly random: () => number
}

/** What the room knows of a seat. */
interface Occupied {
  /** Set while it waits: lets it ask again. */
  wake: (() => void) | undefined
  /** Set while it waits among the first: stops its timer. */
  cancel: (() => void) | undefined
  pauseMs: number
}

/** One query's place in the line. */
export interface Seat {
  /** 1 is the first of the line. */
  readonly position: number
  /** Waits until it may ask again. Throws the abort reason when `signal` aborts. */
  turn(refusal: RealmeshError, signal: CancelSignal): Promise<void>
  /** Gives the place up. `served`: it got in, so the next may try at once. Harmless a second time. */
  leave(served: boolean): void
}

export class WaitingRoom {
  readonly #clock: Clock
  readonly #random: () => number
  /** In order of arrival. */
  readonly #line = new Set<Occupied>()

  constructor(components: WaitingRoomComponents) {
    this.#clock = components.clock
    this.#random = components.random
  }

  get waiting(): number {
    return this.#line.size
  }

  /** Takes a place at the end of the line. Throws `refusal` when the room is full. */
  enter(refusal: RealmeshError): Seat {
    if (this.#line.size >= MAX_SEATS) throw refusal
    const place: Occupied = { wake: undefined, cancel: undefined, pauseMs: MAX_TURN_PAUSE_MS }
    this.#line.add(place)
    const line = this.#line
    return {
      get position() {
        return [...line].indexOf(place) + 1
      },
      turn: (refused, signal) => this.#turn(place, refused, signal),
      leave: (served) => {
        if (!this.#line.delete(place)) return
        place.cancel?.()
        this.#advance(served)
      },
    }
  }

  async #turn(place: Occupied, refusal: RealmeshError, signal: CancelSignal): Promise<void> {
    const asked = refusal.retryAfterMs ?? MAX_TURN_PAUSE_MS
    place.pauseMs = Math.min(MAX_TURN_PAUSE_MS, Math.max(MIN_TURN_PAUSE_MS, asked)) * (0.5 + this.#random() / 2)
    let onAbort = (): void => {}
    try {
      await new Promise<void>((resolve, reject) => {
        onAbort = () => reject(toRealmeshError(signal.reason, 'CANCELLED'))
        if (signal.aborted) return onAbort()
        signal.addEventListener('abort', onAbort, { once: true })
        place.wake = resolve
        this.#advance(false)
      })
    } finally {
      signal.removeEventListener('abort', onAbort)
      place.cancel?.()
      place.cancel = undefined
      place.wake = undefined
    }
  }

  /** Starts the clocks of the queries that have come among the first; with `room` the first of them asks at once. */
  #advance(room: boolean): void {
    let hurry = room
    let first = 0
    for (const place of this.#line) {
      if (first === MAX_ASKING) return
      first += 1
      const { wake } = place
      if (wake === undefined) continue // it asks right now
      if (hurry) {
        hurry = false
        wake()
      } else place.cancel ??= this.#clock.after(place.pauseMs, wake)
    }
  }
}
