/** A response that runs now: written down as it comes, and read by as many as want, each from its beginning. */
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import type { LinkedAbort } from '../../../../core/run/linked-abort.ts'
import { relayedRun } from '../../../../core/run/relayed-run.ts'
import type { ResponseRecord } from './response-record.ts'

export interface RunningResponseComponents {
  readonly record: ResponseRecord
  /** Ends the query; absent where it ends with its client. */
  readonly life?: LinkedAbort
  /** Seconds since the epoch. */
  readonly now: () => number
  /** Why no more of it comes here, though it has not ended. @default it goes on, or has ended */
  readonly cutShort?: RealmeshError
}

/** Who wants to know how a response that is followed goes. */
interface Watch {
  /** Its first event is asked for. */
  readonly onBegun?: () => void
  /** An event is written down, and not passed on yet. */
  readonly onEvent?: (event: QueryEvent) => void
  /** Once, however it ended, when it had begun. */
  readonly onClosed?: () => void
}

export class RunningResponse {
  readonly record: ResponseRecord
  /** Whether its user wants it gone: it is not kept any more. */
  forgotten = false
  readonly #life: LinkedAbort | undefined
  readonly #now: () => number
  /** How many events readers may have: those that are safe, of one that is written down as it comes. */
  #safe = Number.POSITIVE_INFINITY
  #cutShort: RealmeshError | undefined
  /** For those that wait; absent while there are none. */
  #changed: PromiseWithResolvers<void> | undefined

  constructor({ record, life, now, cutShort }: RunningResponseComponents) {
    this.record = record
    this.#life = life
    this.#now = now
    this.#cutShort = cutShort
  }

  /** Whether it goes on elsewhere or in another process: what is kept of it is not to be overwritten. */
  get isCutShort(): boolean {
    return this.#cutShort !== undefined
  }

  /** Whether another process could go on with it: what readers have of it is safe. */
  get outlives(): boolean {
    return this.#safe < Number.POSITIVE_INFINITY && this.record.ended === undefined
  }

  /** Readers get the first `count` events and wait for more, until `letGo`. */
  hold(count: number): void {
    this.#safe = count
    this.#tell()
  }

  /** Readers get all there is, and the end. */
  letGo(): void {
    this.#safe = Number.POSITIVE_INFINITY
    this.#tell()
  }

  /** Whether it runs on without a client. */
  get inBackground(): boolean {
    return this.#life !== undefined
  }

  /** Passes the events on and writes them down; what fails is thrown on. A reader that leaves early ends it. */
  follow(events: AsyncIterable<QueryEvent>, watch: Watch = {}): AsyncGenerator<QueryEvent, void> {
    const { record } = this
    return relayedRun({
      begin: () => {
        watch.onBegun?.()
        return events
      },
      onEvent: (event) => {
        record.add(event, this.#now())
        if (!record.fits && this.inBackground) throw tooLong()
        this.#tell()
        watch.onEvent?.(event)
        return event
      },
      onError: (thrown) => {
        this.#fail(thrown)
        throw thrown
      },
      onClosed: () => {
        this.#fail(new RealmeshError('CANCELLED', 'the client went away'))
        this.#life?.release()
        this.#tell()
        watch.onClosed?.()
      },
    })
  }

  /** Ends it where it runs in the background. Resolves once it has ended. */
  async cancel(): Promise<void> {
    this.#life?.abort(new RealmeshError('CANCELLED', 'the response was cancelled'))
    while (this.record.ended === undefined) await this.#change()
  }

  /** Ends it here, with `why` for its readers, so that another process can go on with it. */
  cutShort(why: RealmeshError): void {
    this.#cutShort = why
    this.#life?.abort(why)
    this.#tell()
  }

  /**
   * All events from the first on, those to come included. Throws what it failed with, and `NODE_LIMIT` behind the last
   * event that is held of one that is too long.
   */
  async *read(): AsyncGenerator<QueryEvent> {
    const { record } = this
    for (let at = 0; ; ) {
      for (; at < this.#readable; at += 1) {
        const event = record.events[at]
        if (event !== undefined) yield event
      }
      if (this.#cutShort !== undefined) throw this.#cutShort
      const held = this.#safe < Number.POSITIVE_INFINITY // its last state is not safe
      if (!held && !record.fits) throw record.error ?? tooLong()
      if (!held && record.ended !== undefined && at === record.events.length) break
      if (at === this.#readable) await this.#change()
    }
    if (record.error !== undefined) throw record.error
  }

  get #readable(): number {
    return Math.min(this.record.events.length, this.#safe)
  }

  #fail(thrown: unknown): void {
    if (this.record.ended === undefined && !this.isCutShort) this.record.fail(thrown, this.#now())
  }

  #tell(): void {
    this.#changed?.resolve()
    this.#changed = undefined
  }

  /** Resolves with the next change. */
  #change(): Promise<void> {
    this.#changed ??= Promise.withResolvers<void>()
    return this.#changed.promise
  }
}

function tooLong(): RealmeshError {
  return new RealmeshError('NODE_LIMIT', 'the answer is longer than can be kept', { fix: 'send max_output_tokens' })
}
