/**
 * The responses of one gateway: those that run, and those that are kept. Each belongs to the user who asked; to all
 * others it is not there.
 */
import { userKey } from '../../../../core/query/query.ts'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { RealmeshError, toRealmeshError } from '../../../../core/realmesh-error.ts'
import { type LinkedAbort, linkedAbort } from '../../../../core/run/linked-abort.ts'
import type { KeepOptions } from '../../../../node/api/kept-responses.ts'
import type { GatewayContext } from '../../../request/gateway-context.ts'
import { ResponseJournal } from './response-journal.ts'
import { type RecordInit, ResponseRecord } from './response-record.ts'
import { restOfResponse } from './rest-of-response.ts'
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
  #stopping = false

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
  attended(user: string, init: RecordInit, events: AsyncIterable<QueryEvent>): AsyncGenerator<QueryEvent, void> {
    const record = new ResponseRecord(init)
    const running = new RunningResponse({ record, now: this.now })
    return running.follow(events, {
      onBegun: () => this.#running.set(userKey(user, record.id), running),
      // Before the client hears of the end: its next request may build on it.
      onEvent: ({ kind }) => {
        if (kind === 'end' && record.fits) void this.#keep(user, running, { behind: true })
      },
      onClosed: () => this.#end(user, running),
    })
  }

  /** Lets a response run on without a client. Resolves once it would be missed after a crash. */
  async background(
    user: string,
    init: RecordInit,
    life: LinkedAbort,
    events: AsyncIterable<QueryEvent>,
  ): Promise<RunningResponse> {
    const running = this.#begin(user, new ResponseRecord(init), life)
    const isSafe = await this.#keep(user, running, { runs: true })
    void this.#runOn(user, running, events, isSafe)
    return running
  }

  /**
   * Goes on with what ran in the background when the last process ended, at whatever word it stopped. Resolves once all
   * of it is found.
   */
  async takeUp(): Promise<void> {
    try {
      for await (const { user, id } of this.#context.node.responses.unfinished()) await this.find(user, id)
    } catch (thrown) {
      this.#context.log.warn(
        { code: toRealmeshError(thrown).code },
        'responses that ran may wait until they are asked for',
      )
    }
  }

  /** Before the process ends: what the next one can go on with ends here, at whatever word. */
  suspend(): void {
    this.#stopping = true
    for (const running of this.#running.values()) if (running.outlives) running.cutShort(stopping())
  }

  /** A response of the user, whether it runs or has ended. Throws `RESPONSE_NOT_FOUND`. */
  async take(user: string, id: string): Promise<RunningResponse> {
    const found = await this.find(user, id)
    if (found !== undefined) return found
    throw new RealmeshError('RESPONSE_NOT_FOUND', 'there is no response of yours with that id', {
      fix: 'take the id from a response that was made with store: true; they are kept for a while only',
    })
  }

  async find(user: string, id: string): Promise<RunningResponse | undefined> {
    const place = userKey(user, id)
    const running = this.#running.get(place)
    if (running !== undefined) return running
    const kept = await this.#context.node.responses.find(user, id)
    const record = kept === undefined ? undefined : ResponseRecord.fromText(kept.text, kept.pieces)
    // It may have been taken up meanwhile.
    const other = this.#running.get(place)
    if (other !== undefined || record === undefined || kept === undefined) return other
    const now = this.now
    if (record.ended !== undefined) return new RunningResponse({ record, now })
    if (kept.runs === 'elsewhere') return new RunningResponse({ record, now, cutShort: elsewhere() })
    if (kept.runs === 'here' && this.#stopping) return new RunningResponse({ record, now, cutShort: stopping() })
    if (kept.runs === 'here') return this.#goOn(user, record)
    // Of a version that did not write down what came.
    record.fail(new RealmeshError('ANSWER_CUT', 'the node was stopped'), now())
    return new RunningResponse({ record, now })
  }

  /** Ends it where it runs without a client, and forgets it. Throws `RESPONSE_NOT_FOUND`. */
  async remove(user: string, id: string): Promise<void> {
    const running = await this.take(user, id)
    running.forgotten = true
    if (running.inBackground) await running.cancel()
    await this.#context.node.responses.remove(user, id)
  }

  /** Takes up what another process began. */
  #goOn(user: string, record: ResponseRecord): RunningResponse {
    const life = linkedAbort()
    const running = this.#begin(user, record, life)
    record.takenUp += 1
    const rest = restOfResponse({ context: this.#context, earlier: this }, { user, record, signal: life.signal })
    void this.#keep(user, running, { runs: true }).then((isSafe) => this.#runOn(user, running, rest, isSafe))
    return running
  }

  /** `isSafe`: what it is so far outlives this process, and the rest is to do so too. */
  async #runOn(
    user: string,
    running: RunningResponse,
    events: AsyncIterable<QueryEvent>,
    isSafe: boolean,
  ): Promise<void> {
    const { log, node } = this.#context
    const journal = isSafe ? new ResponseJournal({ running, responses: node.responses, log }, user) : undefined
    try {
      for await (const _ of running.follow(events, { onClosed: () => this.#makeRoom(user) })) journal?.note()
    } catch (thrown) {
      log.debug({ code: toRealmeshError(thrown).code }, 'a response in the background failed')
    }
    if (!running.isCutShort) await this.#keep(user, running)
    journal?.close()
    this.#end(user, running)
  }

  /** One without a client. */
  #begin(user: string, record: ResponseRecord, life: LinkedAbort): RunningResponse {
    const running = new RunningResponse({ record, now: this.now, life })
    this.#running.set(userKey(user, record.id), running)
    this.#background.set(user, (this.#background.get(user) ?? 0) + 1)
    return running
  }

  #end(user: string, running: RunningResponse): void {
    const place = userKey(user, running.record.id)
    // The user may have asked again under the same id.
    if (this.#running.get(place) === running) this.#running.delete(place)
  }

  /** One of the user's runs in the background is over. */
  #makeRoom(user: string): void {
    const left = (this.#background.get(user) ?? 1) - 1
    if (left > 0) this.#background.set(user, left)
    else this.#background.delete(user)
  }

  async #keep(user: string, { record, forgotten }: RunningResponse, options?: KeepOptions): Promise<boolean> {
    if (forgotten) return false
    const kept = { at: record.init.created * 1000, text: record.toText() }
    try {
      return await this.#context.node.responses.keep(user, record.id, kept, options)
    } catch (thrown) {
      this.#context.log.warn({ code: toRealmeshError(thrown).code }, 'a response could not be kept')
      return false
    }
  }
}

function stopping(): RealmeshError {
  return new RealmeshError('DRAINING', 'this node is about to stop and goes on with the response when it is back', {
    fix: 'read it again in a moment, with stream=true and starting_after',
  })
}

function elsewhere(): RealmeshError {
  return new RealmeshError('PEER_UNREACHABLE', 'another node that shares this store makes the response', {
    fix: 'read it there, or here when it has ended',
  })
}
