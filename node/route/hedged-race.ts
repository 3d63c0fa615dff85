/**
 * A hedged start: when the first place has sent nothing of the answer after a while, a second is asked too, and the
 * one that sends content first gives the whole answer. The other is cancelled. What the first tells of its wait is seen
 * when it comes; of a second nothing is seen until it wins, or the first has failed.
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

/** A contender in the race: its next event is on its way. */
interface Runner {
  readonly by: Contender
  step: Promise<IteratorResult<QueryEvent, void>>
  /** What it told of its wait while the other was ahead. */
  readonly held: QueryEvent[]
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
    let ahead = runner(first)
    let rival: Runner | undefined
    let rings: Promise<'rang'> = timer.rang
    try {
      for (;;) {
        const sooner = await Promise.race([stepped(ahead), rival === undefined ? rings : stepped(rival)])
        if (sooner === 'rang') {
          rival = this.#bringIn(second())
          rings = never()
          continue
        }
        let result: IteratorResult<QueryEvent, void>
        try {
          result = await sooner.step
        } catch (failure) {
          if (rival === undefined) throw failure
          if (sooner === ahead) ahead = rival
          rival = undefined
          yield* ahead.held.splice(0)
          continue
        }
        if (result.done === true) return
        const event = result.value
        if (isAnswer(event)) {
          this.#wins(sooner.by)
          yield* sooner.held
          yield event
          return
        }
        if (sooner === ahead) yield event
        else hold(sooner.held, event)
        sooner.step = sooner.by.events.next()
      }
    } finally {
      timer.stop()
    }
  }

  /** The reader has gone: cancels what still runs. Always call it. */
  close(): void {
    for (const contender of this.#running) dismiss(contender)
  }

  #bringIn(other: Contender | undefined): Runner | undefined {
    if (other === undefined) return undefined
    this.#running.push(other)
    return runner(other)
  }

  #wins(winner: Contender): void {
    for (const contender of this.#running) if (contender !== winner) dismiss(contender)
    this.#winner = winner
  }
}

function isAnswer(event: QueryEvent): boolean {
  return isContent(event) || event.kind === 'end'
}

function runner(by: Contender): Runner {
  return { by, step: by.events.next(), held: [] }
}

/** Resolves to the runner when its step is over, well or not. */
function stepped(at: Runner): Promise<Runner> {
  const over = (): Runner => at
  return at.step.then(over, over)
}

/** Of waits and progress only the latest. */
function hold(events: QueryEvent[], event: QueryEvent): void {
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

function never(): Promise<never> {
  return new Promise(() => {})
}

function alarm(clock: Clock, afterMs: number): { readonly rang: Promise<'rang'>; readonly stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<'rang'>()
  return { rang: promise, stop: clock.after(afterMs, () => resolve('rang')) }
}
