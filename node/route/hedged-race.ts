/**
 * A hedged start: when the first place has sent nothing of the answer after a while, a second is asked too, and the
 * one that sends content first gives the whole answer. The other is cancelled. What the first tells of its wait is seen
 * when it comes; nothing is seen of a second that does not win.
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

/** How far the second came: to its first content or end, or to its failure. */
interface Reached {
  readonly by: Contender
  /** What came before the content, and the content itself; empty for a failure. */
  readonly events: readonly QueryEvent[]
  readonly failure?: unknown
}

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
    let beside: Promise<'rang' | Reached> = timer.rang
    let rival: Promise<Reached> | undefined
    try {
      for (let step = first.events.next(); ; ) {
        const sooner = await Promise.race([step.then(stepped, stepped), beside])
        if (sooner === 'rang') {
          rival = this.#bringIn(second())
          beside = rival ?? never()
        } else if (sooner === 'stepped') {
          const result = await step.catch((failure: unknown) => lost(failure, rival))
          if ('by' in result) return yield* this.#won(result)
          if (result.done === true) return
          if (isAnswer(result.value)) this.#wins(first)
          yield result.value
          if (this.#winner !== undefined) return
          step = first.events.next()
        } else if (sooner.events.length > 0) {
          return yield* this.#won(sooner)
        } else {
          rival = undefined // it has failed
          beside = never()
        }
      }
    } finally {
      timer.stop()
    }
  }

  /** The reader has gone: cancels what still runs. Always call it. */
  close(): void {
    for (const contender of this.#running) dismiss(contender)
  }

  #bringIn(other: Contender | undefined): Promise<Reached> | undefined {
    if (other === undefined) return undefined
    this.#running.push(other)
    return untilContent(other)
  }

  #wins(winner: Contender): void {
    for (const contender of this.#running) if (contender !== winner) dismiss(contender)
    this.#winner = winner
  }

  *#won({ by, events }: Reached): Generator<QueryEvent, void> {
    this.#wins(by)
    yield* events
  }
}

function isAnswer(event: QueryEvent): boolean {
  return isContent(event) || event.kind === 'end'
}

async function untilContent(contender: Contender): Promise<Reached> {
  const events: QueryEvent[] = []
  try {
    for (;;) {
      const result = await contender.events.next() // read by hand: leaving a loop would end the answer
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

/** The first has failed: what the second reached. Throws the later failure when both have. */
async function lost(failure: unknown, rival: Promise<Reached> | undefined): Promise<Reached> {
  const reached = await rival
  if (reached === undefined) throw failure
  if (reached.events.length === 0) throw reached.failure
  return reached
}

const stepped = () => 'stepped' as const

function never(): Promise<never> {
  return new Promise(() => {})
}

function alarm(clock: Clock, afterMs: number): { readonly rang: Promise<'rang'>; readonly stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<'rang'>()
  return { rang: promise, stop: clock.after(afterMs, () => resolve('rang')) }
}
