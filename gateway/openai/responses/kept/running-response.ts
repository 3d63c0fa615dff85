/** A response that runs now: written down as it comes, and read by as many as want, each from its beginning. */
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import type { LinkedAbort } from '../../../../core/run/linked-abort.ts'
import type { ResponseRecord } from './response-record.ts'

export interface RunningResponseComponents {
  readonly record: ResponseRecord
  /** Ends the query; absent where it ends with its client. */
  readonly life?: LinkedAbort
  /** Seconds since the epoch. */
  readonly now: () => number
}

export class RunningResponse {
  readonly record: ResponseRecord
  /** Whether its user wants it gone: it is not kept any more. */
  forgotten = false
  readonly #life: LinkedAbort | undefined
  readonly #now: () => number
  /** For those that wait; absent while there are none. */
  #changed: PromiseWithResolvers<void> | undefined

  constructor({ record, life, now }: RunningResponseComponents) {
    this.record = record
    this.#life = life
    this.#now = now
  }

  /** Whether it runs on without a client. */
  get inBackground(): boolean {
    return this.#life !== undefined
  }

  /** Passes the events on and writes them down; what fails is thrown on. A reader that leaves early ends it. */
  async *follow(events: AsyncIterable<QueryEvent>): AsyncGenerator<QueryEvent> {
    const { record } = this
    try {
      for await (const event of events) {
        record.add(event, this.#now())
        if (!record.fits && this.inBackground) throw tooLong()
        this.#tell()
        yield event
      }
    } catch (thrown) {
      if (record.ended === undefined) record.fail(thrown, this.#now())
      throw thrown
    } finally {
      if (record.ended === undefined) record.fail(new RealmeshError('CANCELLED', 'the client went away'), this.#now())
      this.#life?.release()
      this.#tell()
    }
  }

  /** Ends it where it runs in the background. Resolves once it has ended. */
  async cancel(): Promise<void> {
    this.#life?.abort(new RealmeshError('CANCELLED', 'the response was cancelled'))
    while (this.record.ended === undefined) await this.#change()
  }

  /**
   * All events from the first on, those to come included. Throws what it failed with, and `NODE_LIMIT` behind the last
   * event that is held of one that is too long.
   */
  async *read(): AsyncGenerator<QueryEvent> {
    const { record } = this
    for (let at = 0; ; ) {
      for (; at < record.events.length; at += 1) {
        const event = record.events[at]
        if (event !== undefined) yield event
      }
      if (!record.fits) throw record.error ?? tooLong()
      if (record.ended !== undefined && at === record.events.length) break
      if (at === record.events.length) await this.#change()
    }
    if (record.error !== undefined) throw record.error
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
