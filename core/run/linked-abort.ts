import { RealmeshError } from '../realmesh-error.ts'
import type { CancelSignal } from './cancel-signal.ts'
import { longTimeout } from './long-timeout.ts'
import { HELD_UP_LIMIT_MS, MAX_GIVEN_BACK_MS } from './within-limit.ts'

/** An abort signal of one's own that follows a parent without staying attached to it. */
export interface LinkedAbort {
  readonly signal: CancelSignal
  /** Follows `parent` from now on, for a life that was made without one. */
  follow(parent: CancelSignal): void
  /** Aborts the own signal; the parent is untouched. */
  abort(reason?: unknown): void
  /**
   * Starts or restarts the time limit: aborts with `TIMEOUT` unless renewed or released within `ms`; time in which this
   * process stood still is given back. `what` names what was waited for.
   */
  expireIn(ms: number, what: string): void
  /** Ends the time limit; the link to the parent stays. */
  clearExpiry(): void
  /** Leaves no listener and no timer behind. Always call it. */
  release(): void
}

/** One for all: an exception with a stack for every abort without a reason would cost more than the abort. */
const LEFT = new RealmeshError('CANCELLED', 'the query was cancelled')

/**
 * Follows `parent`. Composing `AbortSignal.any([parent, AbortSignal.timeout(ms)])` per query leaves bytes behind on a
 * long-lived parent; linking and releasing by hand leaves none.
 */
export function linkedAbort(parent?: CancelSignal): LinkedAbort {
  return new Life(parent)
}

/** Both ends in one object: the part that may abort holds it as a LinkedAbort, all others as a CancelSignal. */
class Life implements LinkedAbort, CancelSignal {
  aborted = false
  reason: unknown = undefined
  #parent: CancelSignal | undefined
  readonly #listeners: (() => void)[] = []
  #cancelTimer: (() => void) | undefined

  constructor(parent: CancelSignal | undefined) {
    if (parent !== undefined) this.follow(parent)
  }

  get signal(): CancelSignal {
    return this
  }

  follow(parent: CancelSignal): void {
    this.#parent = parent
    if (parent.aborted) this.abort(parent.reason)
    else parent.addEventListener('abort', this.#onParent, { once: true })
  }

  abort(reason: unknown = LEFT): void {
    if (this.aborted) return
    this.aborted = true
    this.reason = reason
    // One by one off the list: what one of them removes is not called any more.
    for (let next = this.#listeners.shift(); next !== undefined; next = this.#listeners.shift()) next()
  }

  expireIn(ms: number, what: string): void {
    this.#cancelTimer?.()
    this.#expireAfter(ms, () => this.abort(new RealmeshError('TIMEOUT', `${what} within ${ms} ms`)))
  }

  #expireAfter(ms: number, end: () => void): void {
    const due = performance.now() + ms
    this.#cancelTimer = longTimeout(ms, () => {
      const lateMs = performance.now() - due
      if (lateMs < HELD_UP_LIMIT_MS) end()
      else this.#expireAfter(Math.min(lateMs, ms, MAX_GIVEN_BACK_MS), end)
    })
  }

  clearExpiry(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  release(): void {
    this.clearExpiry()
    this.#parent?.removeEventListener('abort', this.#onParent)
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.aborted) this.#listeners.push(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.#listeners.indexOf(listener)
    if (at >= 0) this.#listeners.splice(at, 1)
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason
  }

  readonly #onParent = (): void => {
    this.abort(this.#parent?.reason)
  }
}
