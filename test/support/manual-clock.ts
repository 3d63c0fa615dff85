import type { Clock } from '../../core/run/clock.ts'

interface Timer {
  readonly due: number
  readonly task: () => void
}

/** A clock that stands still until the test moves it. Due timers run in order of their due time. */
export class ManualClock implements Clock {
  #now: number
  #timers: Timer[] = []

  constructor(startMs = 1_700_000_000_000) {
    this.#now = startMs
  }

  wall(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now
  }

  after(ms: number, task: () => void): () => void {
    const timer = { due: this.#now + ms, task }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Timers that wait: a part that stopped should have left none. */
  get pending(): number {
    return this.#timers.length
  }

  /** How long each timer still waits, milliseconds. */
  get waits(): readonly number[] {
    return this.#timers.map(({ due }) => due - this.#now)
  }

  /** The process stands still for so long: what falls due on the way runs at the end, and late. */
  stall(ms: number): void {
    this.#now += ms
    this.advance(0)
  }

  /** Moves time forward, running what falls due on the way. */
  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const next = this.#timers.filter((timer) => timer.due <= until).sort((a, b) => a.due - b.due)[0]
      if (next === undefined) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.#now = Math.max(this.#now, next.due)
      next.task()
    }
    this.#now = until
  }
}
