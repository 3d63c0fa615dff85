/** Where queries wait when every node that could serve them is full: bounded in number and time, tried again at short intervals. */
import type { Clock } from '../core/clock.ts'
import { type RealmeshError, toRealmeshError } from '../core/realmesh-error.ts'

/** Most queries of this node that wait at once; Ollama's own queue is as long. */
export const MAX_WAITING = 512

/** A try again comes not sooner and not later than this, whatever the refusing node said. */
const MIN_PAUSE_MS = 50
const MAX_PAUSE_MS = 1_000

export class WaitingRoom {
  readonly #clock: Clock
  readonly #random: () => number
  #waiting = 0

  /** `random` spreads the tries of those who were refused together. */
  constructor(components: { readonly clock: Clock; readonly random: () => number }) {
    this.#clock = components.clock
    this.#random = components.random
  }

  get waiting(): number {
    return this.#waiting
  }

  /** Waits before the next try. Throws `refusal` when the room is full, the abort reason when `signal` aborts. */
  async pause(refusal: RealmeshError, signal: AbortSignal): Promise<void> {
    if (this.#waiting >= MAX_WAITING) throw refusal
    const asked = refusal.retryAfterMs ?? MAX_PAUSE_MS
    const pauseMs = Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, asked)) * (0.5 + this.#random() / 2)
    this.#waiting += 1
    try {
      await this.#sleep(pauseMs, signal)
    } finally {
      this.#waiting -= 1
    }
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        cancel()
        reject(toRealmeshError(signal.reason, 'CANCELLED'))
      }
      const cancel = this.#clock.after(ms, () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      })
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort, { once: true })
    })
  }
}
