/** Time as an argument: what decides by time takes a Clock, so that tests and the simulator can move it by hand. */
import type { CancelSignal } from './cancel-signal.ts'
import { longTimeout } from './long-timeout.ts'

export interface Clock {
  /** Milliseconds since the Unix epoch; may jump. Only for what people or other nodes read. */
  wall(): number
  /** Milliseconds from an arbitrary point; never goes back. For ages, deadlines and waits. */
  monotonic(): number
  /**
   * Calls `task` once after `ms`, however long that is. The returned function cancels it. The timer does not keep the
   * process alive.
   */
  after(ms: number, task: () => void): () => void
}

/** The machine's own clock. */
export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, task) => longTimeout(ms, task, { keepsAlive: false }),
}

/** Resolves after `ms`, or at once when aborted. */
export function pauseFor(ms: number, signal: CancelSignal, clock: Pick<Clock, 'after'>): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      stop()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const stop = clock.after(ms, done)
    signal.addEventListener('abort', done, { once: true })
  })
}
