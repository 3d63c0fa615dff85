/**
 * Cancellation as the path of a query needs it: the part of `AbortSignal` that our own boxes use. Every `AbortSignal`
 * is one. Those that we make ourselves are plain objects (linked-abort.ts): a query needs several, and the platform's
 * cost some 5 µs and a kilobyte each.
 */
export interface CancelSignal {
  readonly aborted: boolean
  /** Why it was aborted; undefined before. */
  readonly reason: unknown
  /**
   * The listener is called once, with the abort; it must not throw. Not called at all when that has already happened:
   * look at `aborted`.
   */
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
  /** Throws `reason` once it is aborted. */
  throwIfAborted(): void
}
