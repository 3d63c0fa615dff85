import type { CancelSignal } from '../../core/run/cancel-signal.ts'

/** The same as an `AbortSignal`, for what the platform awaits. It follows `signal` for as long as both live. */
export function platformSignal(signal: CancelSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal
  if (signal.aborted) return AbortSignal.abort(signal.reason)
  const own = new AbortController()
  signal.addEventListener('abort', () => own.abort(signal.reason), { once: true })
  return own.signal
}
