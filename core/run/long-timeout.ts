/** A timer that may be as long as people write: Node's own fires at once above 24.8 days. */

/** The most that Node's timers count: 2^31 - 1 milliseconds. */
const LONGEST_STEP_MS = 2 ** 31 - 1

export interface LongTimeoutOptions {
  /** Whether it keeps the process alive. @default true */
  readonly keepsAlive?: boolean
}

/**
 * Calls `task` once after `ms`; the returned function cancels it. What is too long for one timer is counted in several.
 */
export function longTimeout(ms: number, task: () => void, { keepsAlive = true }: LongTimeoutOptions = {}): () => void {
  let timer: NodeJS.Timeout
  const begin = (left: number): void => {
    const step = Math.min(left, LONGEST_STEP_MS)
    timer = setTimeout(left > step ? () => begin(left - step) : task, step)
    if (!keepsAlive) timer.unref()
  }
  begin(ms)
  return () => clearTimeout(timer)
}
