/**
 * One batch on its way: its file is looked at, its lines are asked of idle rigs, each result is safe before the line
 * counts, and its end is written down. It can be stopped at any moment and goes on where it was: what has a result is
 * never asked again.
 */
import { type BatchStatus, isEnded, type LineResult, type UserBatch } from '../../../../core/batch/user-batch.ts'
import { RealmeshError, toRealmeshError } from '../../../../core/realmesh-error.ts'
import { type LinkedAbort, linkedAbort } from '../../../../core/run/linked-abort.ts'
import type { GatewayContext } from '../../../request/gateway-context.ts'
import { type AnsweredLine, failedLine, type LineAsk } from '../lines/answer-line.ts'
import { type BatchLine, linesOf } from '../lines/batch-lines.ts'
import { lineRequest } from '../lines/line-request.ts'
import { answeredLine, lineQueryId } from '../lines/line-text.ts'
import { checkLines } from '../lines/validate-lines.ts'
import { entered, expiredResults } from './batch-steps.ts'
import {
  afterAsk,
  afterBegin,
  afterEnd,
  afterOwnFailure,
  afterTurnedAway,
  FRESH_PACE,
  type LinePace,
  mayAsk,
} from './line-pace.ts'
import { etaMs, LineRate } from './line-progress.ts'
import { verdictOf } from './line-verdict.ts'
import { ResultWriter } from './result-writer.ts'

export interface BatchRunComponents {
  readonly context: GatewayContext
  readonly answer: (ask: LineAsk) => Promise<AnsweredLine>
  /** Reads JSON as that of a request is read. */
  readonly parse: (bytes: Buffer) => Promise<unknown>
}

/** What a batch tells of itself beside its row. */
export interface BatchProgress {
  /** Lines that rigs answer now. */
  readonly inFlight: number
  readonly linesPerMinute: number | undefined
  readonly etaMs: number | undefined
  /** Why no line is answered now. */
  readonly waitsFor: string | undefined
}

/** A line, and how often it has failed. */
interface Pending extends BatchLine {
  readonly tries: number
}

/** Why the asking ended. */
type Outcome = 'all' | 'expired' | 'cancelled' | 'stopped' | 'gone'

export class BatchRun {
  readonly user: string
  readonly #components: BatchRunComponents
  readonly #life: LinkedAbort = linkedAbort()
  readonly #rate = new LineRate()
  readonly #again: Pending[] = []
  readonly #writer: ResultWriter
  #batch: UserBatch
  #pace: LinePace = FRESH_PACE
  #inHand = 0
  #why: Outcome | undefined
  #failure: unknown
  #waitsFor: string | undefined
  #changed = Promise.withResolvers<void>()
  #stopTimer = (): void => {}

  constructor(components: BatchRunComponents, { user, batch }: { readonly user: string; readonly batch: UserBatch }) {
    this.#components = components
    this.user = user
    this.#batch = batch
    const { node, clock } = components.context
    this.#writer = new ResultWriter({
      batches: node.batches,
      clock,
      onWritten: (written) => {
        this.#batch = written
        this.#tell()
      },
      onFailed: (error) => this.#unwritten(error),
    })
  }

  /** As it stands, what was recorded last included. */
  get batch(): UserBatch {
    return this.#batch
  }

  get progress(): BatchProgress {
    const { total, completed, failed } = this.#batch
    const linesPerMinute = this.#rate.perMinute(this.#now())
    return {
      inFlight: this.#pace.begun,
      linesPerMinute,
      etaMs: total === 0 ? undefined : etaMs(total - completed - failed, linesPerMinute),
      waitsFor: this.#pace.begun > 0 ? undefined : this.#waitsFor,
    }
  }

  /** Its status is `cancelling` already: what runs is ended. */
  cancel(): void {
    this.#leave('cancelled')
  }

  /** The node stops, or the user is erased: nothing more is written. */
  stop(): void {
    this.#writer.giveUp()
    this.#leave('stopped')
  }

  /** Resolves when it has ended or was stopped. Rejects only where its end could not be written. */
  async run(): Promise<void> {
    try {
      if (this.#batch.status === 'cancelling') return await this.#end('cancelled')
      if (this.#batch.status === 'validating') await this.#validate()
      if (isEnded(this.#batch.status) || this.#why === 'stopped') return
      await this.#close(await this.#askAll())
    } finally {
      this.#life.release()
      this.#stopTimer()
    }
  }

  async #validate(): Promise<void> {
    const { node } = this.#components.context
    const { inputFile, endpoint, id } = this.#batch
    const content = node.files.content(this.user, inputFile)
    const { total, problems } = await checkLines(content, endpoint, this.#components.parse)
    if (problems.length > 0) return await this.#end('failed', { problems })
    const begin = (batch: UserBatch): UserBatch =>
      batch.status === 'validating' ? { ...entered(batch, 'in_progress', this.#wall()), total } : batch
    this.#batch = await node.batches.update(this.user, id, begin)
    if (this.#batch.status === 'cancelling') this.#leave('cancelled')
  }

  /** Asks all lines without a result; settles when nothing of it runs any more, rejects where they cannot be read. */
  async #askAll(): Promise<Outcome> {
    const { node, clock } = this.#components.context
    const done = await node.batches.done(this.user, this.#batch)
    const lines = linesOf(node.files.content(this.user, this.#batch.inputFile))
    let more = true
    const leftMs = this.#batch.expiresAt - this.#wall()
    if (leftMs <= 0) this.#leave('expired')
    const stopExpiry = clock.after(Math.max(0, leftMs), () => this.#leave('expired'))
    try {
      while (this.#why === undefined) {
        if (!mayAsk(this.#pace, this.#now()) || this.#writer.isFull) {
          await this.#change()
          continue
        }
        let line = this.#again.shift()
        while (line === undefined && more) {
          const { value, done: over } = await lines.next()
          if (over === true) more = false
          else if (!done.has(value.index)) line = { ...value, tries: 0 }
        }
        if (line !== undefined) this.#ask(line)
        else if (this.#inHand > 0) await this.#change()
        else if (this.#again.length === 0) break
      }
    } catch (thrown) {
      this.#leave('stopped')
      throw thrown
    } finally {
      stopExpiry()
      while (this.#inHand > 0) await this.#change()
      await this.#writer.settled()
    }
    if (this.#why !== undefined) return this.#why
    const { total, completed, failed } = this.#batch
    return completed + failed < total ? 'gone' : 'all'
  }

  #ask(line: Pending): void {
    this.#inHand += 1
    this.#pace = afterAsk(this.#pace)
    void this.#answer(line).finally(() => {
      this.#inHand -= 1
      this.#tell()
    })
  }

  async #answer(line: Pending): Promise<void> {
    const of = { batch: this.#batch.id, line: line.index }
    let begun = false
    let customId = ''
    const onBegun = (): void => {
      if (begun) return
      begun = true
      this.#pace = afterBegin(this.#pace)
      this.#tell()
    }
    const over = (): void => {
      this.#pace = begun ? afterEnd(this.#pace, this.#now()) : afterOwnFailure(this.#pace)
    }
    try {
      const { custom_id, body } = lineRequest(await this.#components.parse(line.bytes))
      customId = custom_id
      const { endpoint } = this.#batch
      const ask = { user: this.user, endpoint, id: lineQueryId(of), body, signal: this.#life.signal, onBegun }
      const answer = await this.#components.answer(ask)
      over()
      this.#save({
        line: line.index,
        failed: false,
        text: answeredLine({ ...of, customId }, answer),
        usage: answer.usage,
      })
    } catch (thrown) {
      if (this.#why !== undefined) return over()
      const tries = line.tries + 1
      const verdict = verdictOf(thrown, tries)
      if (verdict === 'waits' && !begun) this.#refused(thrown)
      else over()
      if (verdict === 'failed') {
        const answer = failedLine(this.#components.context, thrown)
        this.#save({ line: line.index, failed: true, text: answeredLine({ ...of, customId }, answer) })
      } else this.#again.push(verdict === 'waits' ? line : { ...line, tries })
    }
  }

  #refused(thrown: unknown): void {
    const { message, retryAfterMs } = toRealmeshError(thrown)
    const now = this.#now()
    this.#waitsFor = message
    this.#pace = afterTurnedAway(this.#pace, now, retryAfterMs)
    this.#stopTimer()
    this.#stopTimer = this.#components.context.clock.after(Math.max(0, this.#pace.resumeAt - now), () => this.#tell())
  }

  #save(result: LineResult): void {
    this.#rate.note(this.#now())
    this.#writer.write(this.user, this.#batch, result)
  }

  /** Nothing of it is left to go on with, or its user has no room for more. */
  #unwritten(error: unknown): void {
    this.#failure ??= error
    this.#leave(toRealmeshError(error).code === 'NODE_LIMIT' ? 'gone' : 'stopped')
  }

  async #close(outcome: Outcome): Promise<void> {
    if (outcome === 'stopped') return
    if (outcome === 'cancelled') return await this.#end('cancelled')
    if (outcome === 'gone') return await this.#end('failed', { problems: [goneProblem(this.#failure)] })
    const { batches } = this.#components.context.node
    const finalize = (batch: UserBatch): UserBatch =>
      batch.status === 'in_progress' ? entered(batch, 'finalizing', this.#wall()) : batch
    this.#batch = await batches.update(this.user, this.#batch.id, finalize)
    if (this.#batch.status === 'cancelling') return await this.#end('cancelled')
    if (outcome === 'expired') await this.#recordExpired()
    await this.#end(outcome === 'expired' ? 'expired' : 'completed')
  }

  /** The lines for which there was no time have failed, and say so. */
  async #recordExpired(): Promise<void> {
    const { node } = this.#components.context
    const done = await node.batches.done(this.user, this.#batch)
    const lines = linesOf(node.files.content(this.user, this.#batch.inputFile))
    for await (const results of expiredResults(lines, { batch: this.#batch.id, done, parse: this.#components.parse })) {
      this.#batch = await node.batches.record(this.user, this.#batch, results)
    }
  }

  async #end(status: BatchStatus, more: Pick<UserBatch, 'problems'> = {}): Promise<void> {
    const { batches } = this.#components.context.node
    const change = (batch: UserBatch): UserBatch => ({ ...entered(batch, status, this.#wall()), ...more })
    this.#batch = await batches.end(this.user, this.#batch, change)
  }

  #leave(why: Outcome): void {
    if (this.#why === undefined || why === 'stopped') this.#why = why
    this.#life.abort(new RealmeshError('CANCELLED', 'the batch is not gone on with'))
    this.#tell()
  }

  readonly #now = (): number => this.#components.context.clock.monotonic()
  readonly #wall = (): number => this.#components.context.clock.wall()

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
  }

  #change(): Promise<void> {
    return this.#changed.promise
  }
}

function goneProblem(failure: unknown): { readonly code: string; readonly message: string } {
  if (failure === undefined) return { code: 'input_file_gone', message: 'The input file is not whole any more.' }
  const { code, message } = toRealmeshError(failure)
  return { code: code.toLowerCase(), message }
}
