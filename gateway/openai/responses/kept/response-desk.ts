/**
 * The responses of one gateway: those that run, and those that are kept. Each belongs to the user who asked; to all
 * others it is not there.
 */
import { userKey } from '../../../../core/query/query.ts'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { RealmeshError, toRealmeshError } from '../../../../core/realmesh-error.ts'
import type { LinkedAbort } from '../../../../core/run/linked-abort.ts'
import type { GatewayContext } from '../../../request/gateway-context.ts'
import { type RecordInit, ResponseRecord } from './response-record.ts'
import { RunningResponse } from './running-response.ts'

/** Responses that run in the background at once, of all users: each is in memory until it has ended. */
export const MAX_BACKGROUND_RUNS = 256

/** And of one user, so that one program leaves room for others. */
export const MAX_BACKGROUND_RUNS_OF_USER = 32

export class ResponseDesk {
  readonly #context: GatewayContext
  readonly #running = new Map<string, RunningResponse>()
  /** Of each user, in the background. */
  readonly #background = new Map<string, number>()

  constructor(context: GatewayContext) {
    this.#context = context
  }

  /** Seconds since the epoch. */
  readonly now = (): number => Math.floor(this.#context.clock.wall() / 1000)

  /** Throws `REALM_OVERLOADED` where nothing more may run in the background. */
  assertRoom(user: string): void {
    const all = [...this.#background.values()].reduce((sum, count) => sum + count, 0)
    if (all < MAX_BACKGROUND_RUNS && (this.#background.get(user) ?? 0) < MAX_BACKGROUND_RUNS_OF_USER) return
    throw new RealmeshError('REALM_OVERLOADED', 'too many responses run in the background', {
      fix: 'wait until some have ended, or cancel them',
      retryAfterMs: 5_000,
    })
  }

  /** The events of a response whose client waits for it; it is kept once it has ended well. */
  async *attended(user: string, init: RecordInit, events: AsyncIterable<QueryEvent>): AsyncGenerator<QueryEvent> {
    const running = this.#begin(user, init)
    const { record } = running
    try {
      for await (const event of running.follow(events)) {
        // Before the client hears of the end: its next request may build on it.
        if (event.kind === 'end' && record.fits) void this.#keep(user, running, true)
        yield event
      }
    } finally {
      this.#end(user, running)
    }
  }

  /** Lets a response run on without a client. Resolves once it would be missed after a crash. */
  async background(
    user: string,
    init: RecordInit,
    life: LinkedAbort,
    events: AsyncIterable<QueryEvent>,
  ): Promise<RunningResponse> {
    const running = this.#begin(user, init, life)
    this.#background.set(user, (this.#background.get(user) ?? 0) + 1)
    await this.#keep(user, running, false)
    void this.#runOn(user, running, events)
    return running
  }

  /** A response of the user, whether it runs or has ended. Throws `QUERY_NOT_FOUND`. */
  async take(user: string, id: string): Promise<RunningResponse> {
    const found = await this.find(user, id)
    if (found !== undefined) return found
    throw new RealmeshError('QUERY_NOT_FOUND', 'there is no response of yours with that id', {
      fix: 'take the id from a response that was made with store: true; they are kept for a while only',
    })
  }

  async find(user: string, id: string): Promise<RunningResponse | undefined> {
    const running = this.#running.get(userKey(user, id))
    if (running !== undefined) return running
    const kept = await this.#context.node.responses.find(user, id)
    const record = kept === undefined ? undefined : ResponseRecord.fromText(kept.text)
    if (record === undefined) return undefined
    // It ran when the process that wrote it ended.
    if (record.ended === undefined) record.fail(new RealmeshError('ANSWER_CUT', 'the node was stopped'), this.now())
    return new RunningResponse({ record, now: this.now })
  }

  /** Ends it where it runs without a client, and forgets it. Throws `QUERY_NOT_FOUND`. */
  async remove(user: string, id: string): Promise<void> {
    const running = await this.take(user, id)
    running.forgotten = true
    if (running.inBackground) await running.cancel()
    await this.#context.node.responses.remove(user, id)
  }

  async #runOn(user: string, running: RunningResponse, events: AsyncIterable<QueryEvent>): Promise<void> {
    try {
      for await (const _ of running.follow(events));
    } catch (thrown) {
      this.#context.log.debug({ code: toRealmeshError(thrown).code }, 'a response in the background failed')
    }
    const left = (this.#background.get(user) ?? 1) - 1
    if (left > 0) this.#background.set(user, left)
    else this.#background.delete(user)
    await this.#keep(user, running, false)
    this.#end(user, running)
  }

  #begin(user: string, init: RecordInit, life?: LinkedAbort): RunningResponse {
    const record = new ResponseRecord(init)
    const running = new RunningResponse({ record, now: this.now, ...(life !== undefined && { life }) })
    this.#running.set(userKey(user, record.id), running)
    return running
  }

  #end(user: string, running: RunningResponse): void {
    const place = userKey(user, running.record.id)
    // The user may have asked again under the same id.
    if (this.#running.get(place) === running) this.#running.delete(place)
  }

  async #keep(user: string, { record, forgotten }: RunningResponse, behind: boolean): Promise<void> {
    if (forgotten) return
    const kept = { at: record.init.created * 1000, text: record.toText() }
    try {
      await this.#context.node.responses.keep(user, record.id, kept, { behind })
    } catch (thrown) {
      this.#context.log.warn({ code: toRealmeshError(thrown).code }, 'a response could not be kept')
    }
  }
}
