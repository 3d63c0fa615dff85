/** A wait that ends early when what it is for is cancelled. */
import type { CancelSignal } from './cancel-signal.ts'
import type { Clock } from './clock.ts'

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
