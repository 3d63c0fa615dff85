import { RealmeshError } from '../realmesh-error.ts'
import type { CancelSignal } from './cancel-signal.ts'
import { type Clock, systemClock } from './clock.ts'

/**
 * A timer that comes so much later than it should says that this process was held up, not the others: what they sent
 * meanwhile waits in the sockets and has not been read.
 */
export const HELD_UP_LIMIT_MS = 500

/** At most so much time is given for what was lost: after a night's sleep the others are gone, not late. */
export const MAX_GIVEN_BACK_MS = 5_000

/**
 * Runs `run` for `ms` milliseconds at most and no longer than `parent` lasts; time in which this process stood still is
 * given back. Rejects with `TIMEOUT` ("<what> within
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
  let due = clock.monotonic() + ms
  const expire = (): void => {
    const lateMs = clock.monotonic() - due
    if (lateMs < HELD_UP_LIMIT_MS) {
      end(new RealmeshError('TIMEOUT', `${what} within ${ms} ms`))
      return
    }
    const back = Math.min(lateMs, ms, MAX_GIVEN_BACK_MS)
    due = clock.monotonic() + back
    cancelTimer = clock.after(back, expire)
  }
  let cancelTimer = clock.after(ms, expire)
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
