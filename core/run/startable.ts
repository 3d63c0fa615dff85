/** The life of a part, and of several together. Constructors allocate, `start()` acquires, `stop()` releases. */
import { defined } from '../defined.ts'
import { RealmeshError, toRealmeshError } from '../realmesh-error.ts'
import type { Clock } from './clock.ts'

export interface Startable {
  start(): Promise<void>
  /**
   * Releases all that `start()` acquired, also when that start failed half-way. Does nothing before a start and when
   * called again.
   */
  stop(): Promise<void>
}

/** Starts in order. If one fails, stops it and those before it, then rethrows that failure as `undoThen` does. */
export async function startAll(parts: readonly Startable[]): Promise<void> {
  const begun: Startable[] = []
  try {
    for (const part of parts) {
      begun.push(part)
      await part.start()
    }
  } catch (cause) {
    await undoThen(cause, () => stopAll(begun))
  }
}

/**
 * Undoes what was begun, then throws `cause`, whatever the undoing ends with: the first failure is the one to mend. One
 * of the undoing is kept behind it, as its `cause`, for those who read stacks.
 */
export async function undoThen(cause: unknown, undo: () => Promise<unknown>): Promise<never> {
  try {
    await undo()
  } catch (undoing) {
    const { code, message, fix, retryAfterMs, retryable } = toRealmeshError(cause)
    const both = new AggregateError([cause, undoing], 'and what was begun did not stop cleanly')
    throw new RealmeshError(code, message, { ...defined({ fix, retryAfterMs }), retryable, cause: both })
  }
  throw cause
}

/** Stops in reverse order; every part gets its turn even when another throws. */
export async function stopAll(parts: readonly Startable[]): Promise<void> {
  const errors: unknown[] = []
  for (const part of [...parts].reverse()) {
    try {
      await part.stop()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'some parts did not stop cleanly')
}

export interface BoundedStartInit {
  readonly clock: Clock
  /** Milliseconds that the start is waited for. */
  readonly ms: number
  /** Told why the part did not start; it is stopped by then. Not told of a start that `stop()` ended. */
  readonly onFailure: (error: unknown) => void
}

/**
 * A part whose start is waited for up to a limit and then goes on behind the others: what it looks for may be slow to
 * answer. The part is one that can be stopped while it starts: that ends the start, which acquires nothing any more.
 */
export function boundedStart(part: Startable, { clock, ms, onFailure }: BoundedStartInit): Startable {
  let starting = Promise.resolve()
  let stopping = false
  return {
    start: async () => {
      stopping = false
      starting = startAll([part]).catch((error: unknown) => {
        if (!stopping) onFailure(error)
      })
      await new Promise<void>((resolve) => {
        const cancel = clock.after(ms, resolve)
        void starting.then(() => {
          cancel()
          resolve()
        })
      })
    },
    stop: async () => {
      stopping = true
      await part.stop()
      await starting
    },
  }
}
