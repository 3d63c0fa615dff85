/**
 * A hedged start: when the first place has sent nothing of the answer after a while, a second is asked too, and the
 * one that sends content first gives the whole answer. The other is cancelled; nothing of it is seen.
 */

import { isContent, type QueryEvent } from '../../core/query/query-event.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { LinkedAbort } from '../../core/run/linked-abort.ts'

/** One try under way: its events, and its own life. */
export interface Contender {
  readonly events: AsyncGenerator<QueryEvent, void>
  readonly life: LinkedAbort
}

export interface HedgedRaceInit {
  readonly first: Contender
  /** Brings in another when the first is late; undefined: there is none. */
  readonly second: () => Contender | undefined
  /** Milliseconds without content after which the first is late. */
  readonly afterMs: number
}

/** How far a contender came: to its first content or end, or to its failure. */
interface Reached {
  readonly by: Contender
  /** What came before the content, and the content itself; empty for a failure. */
  readonly events: readonly QueryEvent[]
  readonly failure?: unknown
}

type Step = Promise<IteratorResult<QueryEvent, void>>

/** Its events end with the first content, or throw when neither gave any; the rest is read from the winner itself. */
export class HedgedRace implements AsyncIterable<QueryEvent> {
  readonly #clock: Clock
  readonly #init: HedgedRaceInit
  readonly #running: Contender[]
  #winner: Contender | undefined

  constructor({ clock }: { readonly clock: Clock }, init: HedgedRaceInit) {
    this.#clock = clock
    this.#init = init
    this.#running = [init.first]
  }

  /** The answer behind the first content, once that has come; the second time undefined. */
  takeRest(): AsyncIterable<QueryEvent> | undefined {
    const winner = this.#winner
    this.#winner = undefined
    return winner?.events
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<QueryEvent, void> {
    const { first, second, afterMs } = this.#init
    const timer = alarm(this.#clock, afterMs)
    try {
      let step = first.events.next()
      while (await earlier(step, timer.rang)) {
        const result = await step
        if (result.done === true) return
        if (isAnswer(result.value)) this.#winner = first
        yield result.value
        if (this.#winner !== undefined) return
        step = first.events.next()
      }
      const other = second()
      if (other !== undefined) this.#running.push(other)
      const { by, events, failure } = await firstContent(first, step, other)
      if (events.length === 0) throw failure
      for (const contender of this.#running) if (contender !== by) dismiss(contender)
      this.#winner = by
      yield* events
    } finally {
      timer.stop()
    }
  }

  /** The reader has gone: cancels what still runs. Always call it. */
  close(): void {
    for (const contender of this.#running) dismiss(contender)
  }
}

function isAnswer(event: QueryEvent): boolean {
  return isContent(event) || event.kind === 'end'
}

/** The contender that reaches content first; when both fail, the later failure. */
async function firstContent(first: Contender, pending: Step, second: Contender | undefined): Promise<Reached> {
  const one = untilContent(first, pending)
  if (second === undefined) return await one
  const two = untilContent(second, second.events.next())
  const sooner = await Promise.race([one, two])
  if (sooner.events.length > 0) return sooner
  return await (sooner.by === first ? two : one)
}

async function untilContent(contender: Contender, pending: Step): Promise<Reached> {
  const events: QueryEvent[] = []
  try {
    for (let step = pending; ; step = contender.events.next()) {
      const result = await step
      if (result.done === true) return { by: contender, events: [] }
      note(events, result.value)
      if (isAnswer(result.value)) return { by: contender, events }
    }
  } catch (failure) {
    return { by: contender, events: [], failure }
  }
}

/** What came before the content, for the reader of the winner: of waits and progress only the latest. */
function note(events: QueryEvent[], event: QueryEvent): void {
  const same = isAnswer(event) ? -1 : events.findIndex(({ kind }) => kind === event.kind)
  if (same >= 0) events.splice(same, 1)
  events.push(event)
}

/** Cancels a contender and lets its run clean up. Harmless for one that has ended. */
function dismiss(contender: Contender): void {
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
