import { RealmeshError } from './realmesh-error.ts'

/** An abort signal of one's own that follows a parent without staying attached to it. */
export interface LinkedAbort {
  readonly signal: AbortSignal
  /** Aborts the own signal; the parent is untouched. */
  abort(reason?: unknown): void
  /** Starts or restarts the time limit: aborts with `TIMEOUT` unless renewed or released within `ms`. `what` names what was waited for. */
  expireIn(ms: number, what: string): void
  /** Ends the time limit; the link to the parent stays. */
  clearExpiry(): void
  /** Leaves no listener and no timer behind. Always call it. */
  release(): void
}

/** One for all: the platform would otherwise make an exception with a stack for every abort without a reason. */
const LEFT = new RealmeshError('CANCELLED', 'the query was cancelled')

/**
 * Follows `parent`. Composing `AbortSignal.any([parent, AbortSignal.timeout(ms)])` per query leaves bytes behind on a long-lived
 * parent; linking and releasing by hand leaves none.
 */
export function linkedAbort(parent?: AbortSignal): LinkedAbort {
  const own = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const follow = (): void => {
    own.abort(parent?.reason)
  }
  const clearExpiry = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  if (parent?.aborted === true) follow()
  else parent?.addEventListener('abort', follow, { once: true })
  return {
    signal: own.signal,
    abort: (reason = LEFT) => {
      own.abort(reason)
    },
    expireIn: (ms, what) => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        own.abort(new RealmeshError('TIMEOUT', `${what} within ${ms} ms`))
      }, ms)
    },
    clearExpiry,
    release: () => {
      clearExpiry()
      parent?.removeEventListener('abort', follow)
    },
  }
}
