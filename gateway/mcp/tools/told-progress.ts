/**
 * What a client hears of a tool while it runs, where it asked for it. Some clients give a tool up after a minute
 * without a word, so there is one now and then though nothing has changed.
 */
import type { QueryEvent } from '../../../core/query/query-event.ts'
import type { Clock } from '../../../core/run/clock.ts'
import { PING_EVERY_MS } from '../../request/limits.ts'

/** Of a token each, no client wants to hear. */
export const PROGRESS_EVERY_MS = 1_000

export interface ToldProgressComponents {
  readonly clock: Pick<Clock, 'after' | 'monotonic'>
  /** Tells it; absent where the client did not ask. `count` grows with each. */
  readonly tell?: (count: number, message: string) => void
}

export class ToldProgress {
  readonly #components: ToldProgressComponents
  #count = 0
  #tokens = 0
  #message = 'waits for an answer'
  #toldAt = Number.NEGATIVE_INFINITY
  #cancel = (): void => {}

  /** Begins to count. */
  constructor(components: ToldProgressComponents) {
    this.#components = components
    if (components.tell !== undefined) this.#arm()
  }

  saw(event: QueryEvent): void {
    const { tell, clock } = this.#components
    if (tell === undefined) return
    if (event.kind === 'text' || event.kind === 'reasoning') this.#tokens += event.tokens ?? 1
    const message = inWords(event, this.#tokens)
    if (message === undefined || message === this.#message) return
    this.#message = message
    if (event.kind !== 'queued' && clock.monotonic() - this.#toldAt < PROGRESS_EVERY_MS) return
    this.#tell()
  }

  /** Leaves no timer behind. Always call it. */
  release(): void {
    this.#cancel()
  }

  #tell(): void {
    this.#count += 1
    this.#toldAt = this.#components.clock.monotonic()
    this.#components.tell?.(this.#count, this.#message)
    this.#arm()
  }

  #arm(): void {
    this.#cancel()
    this.#cancel = this.#components.clock.after(PING_EVERY_MS, () => this.#tell())
  }
}

/** Undefined for what says nothing new. */
function inWords(event: QueryEvent, tokens: number): string | undefined {
  switch (event.kind) {
    case 'queued':
      return `place ${event.position} in the queue, about ${Math.ceil(event.estimatedWaitMs / 1000)} s`
    case 'progress':
      return `${event.note ?? 'at work'}, ${Math.round(event.fraction * 100)} %`
    case 'text':
    case 'reasoning':
      return `tokens so far: ${tokens}`
    default:
      return undefined
  }
}
