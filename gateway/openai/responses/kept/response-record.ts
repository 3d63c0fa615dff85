/**
 * A response as it is kept: what was asked, and the events that came. All that clients are shown of it is made of these
 * again, so that an answer that is read later has the same events under the same numbers.
 */

import type { Settings } from '../../../../core/query/query.ts'
import { type EndEvent, isContent, type QueryEvent, type StartEvent } from '../../../../core/query/query-event.ts'
import { type ErrorCode, RealmeshError, toRealmeshError } from '../../../../core/realmesh-error.ts'
import type { Scope } from '../../../../core/scope.ts'
import type { AskedFields } from '../../../answer/ignored-fields.ts'
import { toProblem } from '../../../request/errors.ts'
import type { Item } from '../asked/response-input.ts'
import type { ResponseBody } from '../asked/response-schema.ts'
import { OutputItems } from '../output/output-items.ts'
import { faultOf, type ResponseStatus, responseId, responseObject, statusAfter } from '../output/response-object.ts'

/** The layout of the text. */
const FORMAT = 1

/** UTF-16 units of the events of one response, as they are kept; an answer that is longer is not kept. */
export const MAX_RECORDED_LENGTH = 2 * 1024 * 1024

/** What every event costs beside its text. */
const EVENT_LENGTH = 32

/** What a token costs with its probability: names, digits and a few bytes. */
const TOKEN_LENGTH = 96

/** The request, with the items themselves for input. */
export type RecordedBody = Omit<ResponseBody, 'input'> & { readonly input: readonly Item[] }

/** What is asked of the node beside the body, so that it can be asked again. */
export interface AskedWay {
  readonly scope?: Scope
  /** `false`: a broken answer is not continued. */
  readonly continuation?: false
  /** Settings that only some engines know. */
  readonly settings?: Settings
}

/** What a record begins with. */
export interface RecordInit {
  readonly queryId: string
  /** Seconds since the epoch. */
  readonly created: number
  /** As the client wrote it. */
  readonly model: string
  readonly body: RecordedBody
  /** In what the client said something; absent in what was kept by an older version. */
  readonly fields?: AskedFields | undefined
  /** Absent where nobody asks again: of a response that ends with its client. */
  readonly way?: AskedWay | undefined
}

/** Why there is no end. */
interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly fix?: string | undefined
}

interface KeptRecord extends RecordInit {
  readonly format: typeof FORMAT
  readonly events: readonly QueryEvent[]
  readonly ended: number | undefined
  readonly failure: Failure | undefined
  readonly takenUp?: number | undefined
}

export class ResponseRecord {
  readonly init: RecordInit
  readonly events: QueryEvent[] = []
  /** How often another process went on with it. */
  takenUp = 0
  #start: StartEvent | undefined
  #end: EndEvent | undefined
  /** Seconds since the epoch. */
  #ended: number | undefined
  #failure: Failure | undefined
  #length = 0
  #textLength: number | undefined

  constructor(init: RecordInit) {
    this.init = init
  }

  get id(): string {
    return responseId(this.init.queryId)
  }

  /** The worker that answers, the last one of several. */
  get start(): StartEvent | undefined {
    return this.#start
  }

  /** UTF-16 units of its text. */
  get textLength(): number {
    return this.#textLength ?? this.toText().length
  }

  /** When it ended, well or not, in seconds since the epoch. */
  get ended(): number | undefined {
    return this.#ended
  }

  get status(): ResponseStatus {
    if (this.#failure !== undefined) return this.#failure.code === 'CANCELLED' ? 'cancelled' : 'failed'
    if (this.#end !== undefined) return statusAfter(this.#end)
    return this.#start === undefined ? 'queued' : 'in_progress'
  }

  /** Why it failed. */
  get error(): RealmeshError | undefined {
    if (this.#failure === undefined) return undefined
    const { code, message, fix } = this.#failure
    return new RealmeshError(code, message, fix === undefined ? {} : { fix })
  }

  /** Whether all of it can be kept. */
  get fits(): boolean {
    return this.#length <= MAX_RECORDED_LENGTH
  }

  /** Takes what belongs to the answer, of one that is too long its beginning. `now`: seconds since the epoch. */
  add(event: QueryEvent, now: number): void {
    if (event.kind === 'end') {
      const { kind, finishReason, usage, sources } = event
      this.#end = { kind, finishReason, ...(usage && { usage }), ...(sources && { sources }) }
      this.#ended = now
      this.events.push(this.#end)
    } else if (event.kind === 'start' || isContent(event)) {
      if (event.kind === 'start') this.#start = event
      this.#length += lengthOf(event)
      if (this.fits) this.events.push(event)
    }
  }

  fail(thrown: unknown, now: number): void {
    const { code, message, fix } = toRealmeshError(thrown)
    this.#failure = { code, message: code === 'INTERNAL' ? 'something went wrong inside realmesh' : message, fix }
    this.#ended = now
  }

  /** What the answer consists of so far. */
  items(): OutputItems {
    const items = new OutputItems(this.init.queryId)
    for (const event of this.events) if (isContent(event)) items.add(event)
    if (this.#ended !== undefined) items.close(this.status === 'completed' ? 'completed' : 'incomplete')
    return items
  }

  /** The response as it stands. */
  toObject(): object {
    const { created, model, body } = this.init
    const { status, error } = this
    const head = { id: this.id, created, model: this.#start?.model ?? model }
    return responseObject(head, body, {
      status,
      items: this.items().all,
      end: this.#end,
      fault: status === 'failed' && error !== undefined ? faultOf(toProblem(error)) : undefined,
      completed: status === 'completed' ? this.#ended : undefined,
    })
  }

  toText(): string {
    const kept: KeptRecord = {
      format: FORMAT,
      ...this.init,
      events: this.events,
      ended: this.#ended,
      failure: this.#failure,
      ...(this.takenUp > 0 && { takenUp: this.takenUp }),
    }
    return JSON.stringify(kept)
  }

  /** The events from the one at `from` on, as a text that goes behind the one of the record. */
  pieceFrom(from: number): string {
    return JSON.stringify(this.events.slice(from))
  }

  /** Of a text that `toText` made and the pieces behind it; undefined for one of another version. */
  static fromText(text: string, pieces: readonly string[] = []): ResponseRecord | undefined {
    const kept = JSON.parse(text) as KeptRecord
    if (kept.format !== FORMAT) return undefined
    const { queryId, created, model, body, fields, way, events, ended, failure, takenUp = 0 } = kept
    const record = new ResponseRecord({ queryId, created, model, body, fields, way })
    record.takenUp = takenUp
    const behind = pieces.flatMap((piece) => JSON.parse(piece) as QueryEvent[])
    for (const event of [...events, ...behind]) record.add(event, ended ?? created)
    record.#failure = failure
    record.#ended ??= ended
    record.#textLength = text.length
    return record
  }
}

function lengthOf(event: QueryEvent): number {
  if (event.kind === 'toolCall') return EVENT_LENGTH + event.arguments.length
  if (event.kind !== 'text' && event.kind !== 'reasoning') return EVENT_LENGTH
  const logprobs = (event.kind === 'text' && event.logprobs) || []
  return logprobs.reduce((sum, { top }) => sum + (1 + top.length) * TOKEN_LENGTH, EVENT_LENGTH + event.text.length)
}
