import { RealmeshError } from '../realmesh-error.ts'
import type { CancelSignal } from './cancel-signal.ts'
import { type Clock, systemClock } from './clock.ts'

/**
 * Runs `run` for `ms` milliseconds at most and no longer than `parent` lasts. Rejects with `TIMEOUT` ("<what> within
 * <ms> ms") or with the parent's reason, at once, also when `run` ignores its signal; otherwise settles as `run` does.
 * Leaves no listener and no timer behind. What `run` still acquires after its signal was aborted is for `run` to give
 * back.
 */
export async function withinLimit<T>(
  parent: CancelSignal,
  ms: number,
  what: string,
  run: (signal: AbortSignal) => Promise<T>,
  clock: Clock = systemClock,
): Promise<T> {
  parent.throwIfAborted()
  const own = new AbortController()
  const { promise: over, reject } = Promise.withResolvers<never>()
  const end = (reason: unknown): void => {
    cancelTimer()
    own.abort(reason)
    reject(reason)
  }
  const follow = (): void => end(parent.reason)
  parent.addEventListener('abort', follow, { once: true })
  const cancelTimer = clock.after(ms, () => end(new RealmeshError('TIMEOUT', `${what} within ${ms} ms`)))
  try {
    return await Promise.race([run(own.signal), over])
  } catch (error) {
    // What is thrown because of the abort is a consequence; the cause is the reason.
    throw own.signal.aborted ? own.signal.reason : error
  } finally {
    cancelTimer()
    parent.removeEventListener('abort', follow)
  }
}
