/**
 * A response in pieces: named events with a running number. What stays the same within one item is built once, so that
 * a token costs one `JSON.stringify` of its text and a concatenation.
 */
import type { TokenLogprob } from '../../../../core/query/logprobs.ts'
import type { ContentEvent, EndEvent, StartEvent } from '../../../../core/query/query-event.ts'
import { extrasOf } from '../../../answer/extras.ts'
import type { AnswerPieces, AnswerStart } from '../../../answer/stream-answer.ts'
import { type WaitEvent, waitFields } from '../../../answer/waiting.ts'
import { toldLogprobs } from '../../../gathering/logprobs.ts'
import type { HttpProblem } from '../../../request/errors.ts'
import { DONE } from '../../format/send-answer.ts'
import { inputOf } from '../asked/custom-tools.ts'
import {
  type ItemChange,
  type ItemFormat,
  isCustom,
  itemBody,
  type OutputItem,
  OutputItems,
  partBody,
} from './output-items.ts'
import {
  type EchoedBody,
  faultOf,
  itemFormat,
  type ResponseHead,
  type ResponseState,
  type ResponseStatus,
  responseId,
  responseObject,
  statusAfter,
} from './response-object.ts'

export interface ResponsePiecesInit {
  /** The request, which a response repeats. */
  readonly body: EchoedBody
  readonly wantsReceipt: boolean
  /** Seconds since the epoch. */
  readonly now: () => number
  /** Number of the last event that the client has: those up to it are left out. @default none */
  readonly after?: number | undefined
  /** A failure is its last event alone, as on a connection on which more responses come. @default false */
  readonly endsOnce?: boolean
}

/** What the events of an item are called. */
interface Names {
  readonly delta: string
  readonly done: string
}

const MESSAGE: Names = { delta: 'response.output_text.delta', done: 'response.output_text.done' }
const THOUGHTS: Names = { delta: 'response.reasoning_text.delta', done: 'response.reasoning_text.done' }
const SUMMARY: Names = {
  delta: 'response.reasoning_summary_text.delta',
  done: 'response.reasoning_summary_text.done',
}
const CUSTOM: Names = {
  delta: 'response.custom_tool_call_input.delta',
  done: 'response.custom_tool_call_input.done',
}
const CALL: Names = {
  delta: 'response.function_call_arguments.delta',
  done: 'response.function_call_arguments.done',
}

/** So that the head goes out at once though the client has all there is. */
const NOTHING_YET = ': nothing is missed so far\n\n'

export class ResponsePieces implements AnswerPieces {
  readonly #init: ResponsePiecesInit
  #head: ResponseHead
  readonly #format: ItemFormat
  readonly #items: OutputItems
  /** What stands before the text of an item that grows. */
  readonly #before = new Map<OutputItem, string>()
  readonly #after: number
  #sequence = 0

  constructor(start: AnswerStart, init: ResponsePiecesInit) {
    this.#init = init
    this.#head = { id: responseId(start.queryId), created: start.created, model: start.model }
    this.#format = itemFormat(init.body)
    this.#items = new OutputItems(start.queryId)
    this.#after = init.after ?? -1
  }

  /** Where it was opened before a worker was known. */
  servedBy({ model }: StartEvent): void {
    this.#head = { ...this.#head, model }
  }

  open(): string {
    const response = this.#response({ status: 'in_progress', items: [] })
    const text = this.#event('response.created', { response }) + this.#event('response.in_progress', { response })
    return text === '' ? NOTHING_YET : text
  }

  /** A wait for the beginning. It has no number, for it is no part of what can be replayed. */
  wait(event: WaitEvent): string {
    if (this.#items.all.length > 0) return ''
    const status = event.kind === 'queued' ? 'queued' : 'in_progress'
    const type = `response.${status}`
    const response = { ...this.#response({ status, items: [] }), realmesh: { queue: waitFields(event) } }
    return `event: ${type}\ndata: ${JSON.stringify({ type, response })}\n\n`
  }

  content(event: ContentEvent): string {
    return this.#changes(this.#items.add(event))
  }

  end(event: EndEvent): string {
    const status = statusAfter(event)
    const closing = this.#changes(this.#items.close(status))
    const extras = extrasOf(event, this.#init.wantsReceipt)
    const completed = status === 'completed' ? this.#init.now() : undefined
    return closing + this.#last(status, { end: event, extras, completed }) + DONE
  }

  /** The answer broke: its own event with the reason, then the response as far as it came. */
  failed(problem: HttpProblem): string {
    const fault = faultOf(problem)
    const told = { ...fault, param: problem.param ?? null }
    const error = this.#init.endsOnce === true ? '' : this.#event('error', told)
    const closing = this.#items.all.length === 0 ? '' : this.#changes(this.#items.close('incomplete'))
    const cancelled = problem.code === 'cancelled'
    const last = this.#response({ status: cancelled ? 'cancelled' : 'failed', items: this.#items.all, fault })
    return error + closing + this.#event('response.failed', { response: last }) + DONE
  }

  #last(status: ResponseStatus, more: Omit<ResponseState, 'status' | 'items'>): string {
    return this.#event(`response.${status}`, { response: this.#response({ status, items: this.#items.all, ...more }) })
  }

  #response(state: ResponseState): object {
    return responseObject(this.#head, this.#init.body, state)
  }

  #changes(changes: readonly ItemChange[]): string {
    let text = ''
    for (const change of changes) {
      if (change.kind === 'grew') text += this.#delta(change.item, change.piece, change.logprobs)
      else text += change.kind === 'opened' ? this.#opened(change.item) : this.#closed(change.item)
    }
    return text
  }

  #opened(item: OutputItem): string {
    const name = this.#names(item).delta
    this.#before.set(item, `event: ${name}\ndata: {"type":"${name}",${JSON.stringify(this.#place(item)).slice(1, -1)}`)
    const added = this.#event('response.output_item.added', {
      output_index: item.index,
      item: itemBody(item, this.#format),
    })
    return item.kind === 'function_call' ? added : added + this.#part(item, 'added')
  }

  #delta(item: OutputItem, piece: string, logprobs: readonly TokenLogprob[] | undefined): string {
    // Its input stands within JSON: it is told when it is whole.
    if (isCustom(item, this.#format)) return ''
    const tokens = logprobs === undefined ? '[]' : JSON.stringify(toldLogprobs(logprobs))
    const told = item.kind === 'message' ? `,"logprobs":${tokens}` : ''
    const before = this.#before.get(item) ?? ''
    const number = this.#next()
    if (number <= this.#after) return ''
    return `${before},"delta":${JSON.stringify(piece)}${told},"sequence_number":${number}}\n\n`
  }

  #closed(item: OutputItem): string {
    const { kind, text } = item
    this.#before.delete(item)
    const place = this.#place(item)
    const { delta, done } = this.#names(item)
    if (isCustom(item, this.#format)) {
      const input = inputOf(text)
      const told = this.#event(delta, { ...place, delta: input }) + this.#event(done, { ...place, input })
      return told + this.#done(item)
    }
    const last =
      kind === 'function_call'
        ? this.#event(done, { ...place, name: item.call?.name ?? '', arguments: text })
        : this.#event(done, {
            ...place,
            text,
            ...(kind === 'message' && { logprobs: toldLogprobs(item.logprobs ?? []) }),
          }) + this.#part(item, 'done')
    return last + this.#done(item)
  }

  #done(item: OutputItem): string {
    const { index: output_index } = item
    return this.#event('response.output_item.done', { output_index, item: itemBody(item, this.#format) })
  }

  #part(item: OutputItem, what: 'added' | 'done'): string {
    const type = this.#asSummary(item) ? 'response.reasoning_summary_part' : 'response.content_part'
    return this.#event(`${type}.${what}`, { ...this.#place(item), part: partBody(item, this.#format) })
  }

  /** Where an item's events belong. */
  #place(item: OutputItem): object {
    const { id: item_id, index: output_index, kind } = item
    if (kind === 'function_call') return { item_id, output_index }
    return this.#asSummary(item)
      ? { item_id, output_index, summary_index: 0 }
      : { item_id, output_index, content_index: 0 }
  }

  #names(item: OutputItem): Names {
    if (isCustom(item, this.#format)) return CUSTOM
    if (item.kind === 'function_call') return CALL
    if (item.kind === 'message') return MESSAGE
    return this.#asSummary(item) ? SUMMARY : THOUGHTS
  }

  #asSummary({ kind }: OutputItem): boolean {
    return kind === 'reasoning' && this.#format.summary
  }

  #event(type: string, fields: object): string {
    const number = this.#next()
    return number <= this.#after
      ? ''
      : `event: ${type}\ndata: ${JSON.stringify({ type, ...fields, sequence_number: number })}\n\n`
  }

  #next(): number {
    const number = this.#sequence
    this.#sequence += 1
    return number
  }
}
