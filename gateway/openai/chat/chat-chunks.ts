/**
 * The pieces of a streamed chat completion. Everything that stays the same within one answer is built once, so that a
 * token costs one `JSON.stringify` of its text and a concatenation.
 */
import type { ContentEvent, EndEvent, ToolCallEvent } from '../../../core/query/query-event.ts'
import { extrasOf } from '../../answer/extras.ts'
import type { OfChoice } from '../../answer/several.ts'
import type { AnswerPieces, AnswerStart } from '../../answer/stream-answer.ts'
import { callId } from '../../gathering/calls.ts'
import { fingerprintOf, openAiUsage } from '../format/answer-parts.ts'
import { chatLogprobs } from '../format/logprobs-format.ts'
import { DONE } from '../format/send-answer.ts'

export interface ChunksInit {
  /** One more chunk with the usage, as `stream_options.include_usage` asks. */
  readonly includeUsage: boolean
  readonly wantsReceipt: boolean
  /** Choices that were asked for. @default 1 */
  readonly choices?: number
}

const OPENING = { role: 'assistant', content: '', refusal: null }

export class ChatChunks implements AnswerPieces {
  readonly #init: ChunksInit
  readonly #queryId: string
  readonly #head: string
  readonly #afterDelta: string
  readonly #beforeText: string

  constructor(start: AnswerStart, init: ChunksInit) {
    this.#init = init
    this.#queryId = start.queryId
    const id = JSON.stringify(`chatcmpl-${start.queryId}`)
    const model = JSON.stringify(start.model)
    const fingerprint = JSON.stringify(fingerprintOf(start.by))
    this.#head = `data: {"id":${id},"object":"chat.completion.chunk","created":${start.created},"model":${model},"system_fingerprint":${fingerprint},"choices":[`
    this.#afterDelta = `,"finish_reason":null}]${init.includeUsage ? ',"usage":null' : ''}}\n\n`
    this.#beforeText = `${this.#before(0)}{"content":`
  }

  open(): string {
    return Array.from({ length: this.#init.choices ?? 1 }, (_, choice) => this.#delta(choice, OPENING)).join('')
  }

  content(event: OfChoice<ContentEvent>): string {
    const { choice = 0 } = event
    if (event.kind === 'text') {
      const told = event.logprobs === undefined ? '}' : `},"logprobs":${JSON.stringify(chatLogprobs(event.logprobs))}`
      const before = choice === 0 ? this.#beforeText : `${this.#before(choice)}{"content":`
      return before + JSON.stringify(event.text) + told + this.#afterDelta
    }
    if (event.kind === 'reasoning') return this.#delta(choice, { reasoning_content: event.text })
    if (event.kind === 'toolCall') return this.#toolCall(event)
    return '' // a chat has no other content
  }

  ended(event: OfChoice<EndEvent>): string {
    return `${this.#finish(event)}${this.#init.includeUsage ? ',"usage":null' : ''}}\n\n`
  }

  end(event: OfChoice<EndEvent>): string {
    const extras = extrasOf(event, this.#init.wantsReceipt)
    const tail = extras === undefined ? '' : `,"realmesh":${JSON.stringify(extras)}`
    const finish = this.#finish(event)
    if (!this.#init.includeUsage) return `${finish}${tail}}\n\n${DONE}`
    const usage = JSON.stringify(openAiUsage(event.usage))
    return `${finish},"usage":null}\n\n${this.#head}],"usage":${usage}${tail}}\n\n${DONE}`
  }

  /** What stands before the delta of a choice. */
  #before(choice: number): string {
    return `${this.#head}{"index":${choice},"delta":`
  }

  #finish({ choice = 0, finishReason }: OfChoice<EndEvent>): string {
    return `${this.#before(choice)}{},"finish_reason":"${finishReason}"}]`
  }

  #delta(choice: number, delta: object): string {
    return this.#before(choice) + JSON.stringify(delta) + this.#afterDelta
  }

  /** The first piece of a call carries its id and name, the later ones only more of the arguments. */
  #toolCall({ choice = 0, index, id, name, arguments: pieces }: OfChoice<ToolCallEvent>): string {
    const call =
      name === undefined
        ? { index, function: { arguments: pieces } }
        : {
            index,
            id: callId({ id, index }, this.#queryId),
            type: 'function',
            function: { name, arguments: pieces },
          }
    return this.#delta(choice, { tool_calls: [call] })
  }
}
