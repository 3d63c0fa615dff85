import type { CancelSignal } from '../../core/run/cancel-signal.ts'

/** Resolves when the signal aborts. */
export function aborted(signal: CancelSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
