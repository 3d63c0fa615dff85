/**
 * Keeps what comes of a response while it comes, some moments of it in one commit. Its readers get what is safe and no
 * more: whatever a client has seen is there after a crash, under the same numbers.
 */
import type { Logger } from '../../../../core/logger.ts'
import { toRealmeshError } from '../../../../core/realmesh-error.ts'
import type { KeptResponses } from '../../../../node/api/kept-responses.ts'
import type { RunningResponse } from './running-response.ts'

/** Pieces behind which the whole is written anew, so that what must be removed at the end stays small. */
export const PIECES_BEFORE_REWRITE = 128

export interface ResponseJournalComponents {
  readonly running: RunningResponse
  readonly responses: Pick<KeptResponses, 'append' | 'keep'>
  readonly log: Logger
}

export class ResponseJournal {
  readonly #to: ResponseJournalComponents
  readonly #user: string
  /** Events that are safe. */
  #safe: number
  #pieces = 0
  #writing = false
  /** Whether nothing is written any more: it has ended, or cannot be kept. */
  #closed = false

  /** For a response of which all events so far are kept with `runs`. */
  constructor(components: ResponseJournalComponents, user: string) {
    this.#to = components
    this.#user = user
    this.#safe = components.running.record.events.length
    components.running.hold(this.#safe)
  }

  /** There may be more to write. */
  note(): void {
    if (!this.#writing && !this.#closed) void this.#write()
  }

  /** Writes no more; readers get all there is. */
  close(): void {
    this.#closed = true
    this.#to.running.letGo()
  }

  async #write(): Promise<void> {
    const { running, log } = this.#to
    this.#writing = true
    try {
      while (!this.#closed && !running.forgotten && this.#safe < running.record.events.length) {
        if (this.#pieces === PIECES_BEFORE_REWRITE) await this.#rewrite()
        else if (!(await this.#append())) this.close()
        if (!this.#closed) running.hold(this.#safe)
      }
    } catch (thrown) {
      log.warn({ code: toRealmeshError(thrown).code }, 'a response that runs would not outlive a crash')
      this.close()
    }
    this.#writing = false
  }

  async #append(): Promise<boolean> {
    const { running, responses } = this.#to
    const { record } = running
    let until = this.#safe
    const piece = (): string => {
      until = record.events.length
      return record.pieceFrom(this.#safe)
    }
    const kept = await responses.append(this.#user, record.id, piece)
    this.#safe = until
    this.#pieces += 1
    return kept
  }

  async #rewrite(): Promise<void> {
    const { running, responses } = this.#to
    const { record } = running
    const until = record.events.length
    const kept = { at: record.init.created * 1000, text: record.toText() }
    if (!(await responses.keep(this.#user, record.id, kept, { runs: true }))) this.close()
    this.#safe = until
    this.#pieces = 0
  }
}
