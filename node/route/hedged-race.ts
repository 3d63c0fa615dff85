/**
 * A hedged start: when the first place has sent nothing of the answer after a while, a second is asked too, and whoever sends content
 * first gives the whole answer. The other is cancelled; nothing of it is seen.
 */

import { isContent, type QueryEvent } from '../../core/query/query-event.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { LinkedAbort } from '../../core/run/linked-abort.ts'

/** One try under way: its events, which return how it failed or undefined, and its own life. */
export interface Contender<Failure> {
  readonly events: AsyncGenerator<QueryEvent, Failure | undefined>
  readonly life: LinkedAbort
}

/** How far a contender came: to its first content or end, or to its failure. */
interface Reached<Failure> {
  readonly by: Contender<Failure>
  /** What came before the content, and the content itself; empty for a failure. */
  readonly events: readonly QueryEvent[]
  readonly failure: Failure | undefined
}

type Step<Failure> = Promise<IteratorResult<QueryEvent, Failure | undefined>>

/**
 * Runs `first`; if it reaches no content within `afterMs`, `second()` may bring in another (undefined: there is none). Yields one
 * answer; returns the failure when nobody gave one.
 */
export async function* hedgedRace<Failure>(
  first: Contender<Failure>,
  second: () => Contender<Failure> | undefined,
  afterMs: number,
  clock: Clock,
): AsyncGenerator<QueryEvent, Failure | undefined> {
  const timer = alarm(clock, afterMs)
  const running = [first]
  try {
    let step = first.events.next()
    while (await earlier(step, timer.rang)) {
      const result = await step
      if (result.done === true) return result.value
      yield result.value
      if (isContent(result.value) || result.value.kind === 'end') return yield* first.events
      step = first.events.next()
    }
    const other = second()
    if (other !== undefined) running.push(other)
    const reached = await firstContent(first, step, other)
    for (const contender of running) if (contender !== reached.by) dismiss(contender)
    if (reached.events.length === 0) return reached.failure
    yield* reached.events
    return yield* reached.by.events
  } finally {
    timer.stop()
    for (const contender of running) dismiss(contender)
  }
}

/** Whichever contender reaches content first; when both fail, the later failure. */
async function firstContent<Failure>(
  first: Contender<Failure>,
  pending: Step<Failure>,
  second: Contender<Failure> | undefined,
): Promise<Reached<Failure>> {
  const one = untilContent(first, pending)
  if (second === undefined) return await one
  const two = untilContent(second, second.events.next())
  const sooner = await Promise.race([one, two])
  if (sooner.events.length > 0) return sooner
  return await (sooner.by === first ? two : one)
}

async function untilContent<Failure>(contender: Contender<Failure>, pending: Step<Failure>): Promise<Reached<Failure>> {
  const events: QueryEvent[] = []
  for (let step = pending; ; step = contender.events.next()) {
    const result = await step
    if (result.done === true) return { by: contender, events: [], failure: result.value }
    events.push(result.value)
    if (isContent(result.value) || result.value.kind === 'end') return { by: contender, events, failure: undefined }
  }
}

/** Cancels a contender and lets its generator clean up. Harmless for one that has ended. */
function dismiss<Failure>(contender: Contender<Failure>): void {
  contender.life.abort()
  contender.life.release()
  // Its failure is the cancellation that was asked for just now.
  contender.events.return(undefined).catch(() => {})
}

/** Whether the step settles before the alarm rings. */
async function earlier(step: Promise<unknown>, rang: Promise<'rang'>): Promise<boolean> {
  return (await Promise.race([step, rang])) !== 'rang'
}

function alarm(clock: Clock, afterMs: number): { readonly rang: Promise<'rang'>; readonly stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<'rang'>()
  return { rang: promise, stop: clock.after(afterMs, () => resolve('rang')) }
}
