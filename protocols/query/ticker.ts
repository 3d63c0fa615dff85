import type { Clock } from '../../core/run/clock.ts'

export interface TickerInit {
  readonly everyMs: number
}

/**
 * Calls a task at an interval while there is something to look after: one timer for all queries instead of one per
 * query.
 */
export class Ticker {
  readonly #clock: Clock
  readonly #everyMs: number
  readonly #task: (lateMs: number) => void
  #cancel: (() => void) | undefined
  #due = 0

  /** `task` is told by how much this process was late: time in which it could not have heard any peer. */
  constructor(components: { readonly clock: Clock; readonly task: (lateMs: number) => void }, init: TickerInit) {
    this.#clock = components.clock
    this.#task = components.task
    this.#everyMs = init.everyMs
  }

  /** Starts; harmless when it runs. */
  run(): void {
    if (this.#cancel === undefined) this.#arm()
  }

  /** Stops; harmless when it rests. */
  rest(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(): void {
    this.#due = this.#clock.monotonic() + this.#everyMs
    this.#cancel = this.#clock.after(this.#everyMs, () => {
      const lateMs = Math.max(0, this.#clock.monotonic() - this.#due)
      this.#arm()
      this.#task(lateMs)
    })
  }
}
