import type { CancelSignal } from '../../core/run/cancel-signal.ts'
/** The pause between two looks at a job. */

/** Resolves after `ms`, or at once when aborted; never rejects, and leaves no timer and no listener behind. */
export function pollPause(ms: number, signal: CancelSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
