/**
 * The pieces of a streamed chat completion. Everything that stays the same within one answer is built once, so that a
 * token costs one `JSON.stringify` of its text and a concatenation.
 */
import type { ContentEvent, EndEvent, ToolCallEvent } from '../../../core/query/query-event.ts'
import type { AnswerPieces, AnswerStart } from '../../answer/stream-answer.ts'
import { extrasOf, openAiUsage } from '../format/answer-parts.ts'
import { chatLogprobs } from '../format/logprobs-format.ts'
import { DONE } from '../format/send-answer.ts'

export interface ChunksInit {
  /** One more chunk with the usage, as `stream_options.include_usage` asks. */
  readonly includeUsage: boolean
  readonly wantsReceipt: boolean
}

export class ChatChunks implements AnswerPieces {
  readonly #init: ChunksInit
  readonly #queryId: string
  readonly #head: string
  readonly #beforeDelta: string
  readonly #afterDelta: string
  readonly #beforeText: string

  constructor(start: AnswerStart, init: ChunksInit) {
    this.#init = init
    this.#queryId = start.queryId
    const id = JSON.stringify(`chatcmpl-${start.queryId}`)
    const model = JSON.stringify(start.model)
    this.#head = `data: {"id":${id},"object":"chat.completion.chunk","created":${start.created},"model":${model},"choices":[`
    this.#beforeDelta = `${this.#head}{"index":0,"delta":`
    this.#afterDelta = `,"finish_reason":null}]${init.includeUsage ? ',"usage":null' : ''}}\n\n`
    this.#beforeText = `${this.#beforeDelta}{"content":`
  }

  open(): string {
    return `${this.#beforeDelta}{"role":"assistant","content":"","refusal":null}${this.#afterDelta}`
  }

  content(event: ContentEvent): string {
    if (event.kind === 'text') {
      const told = event.logprobs === undefined ? '}' : `},"logprobs":${JSON.stringify(chatLogprobs(event.logprobs))}`
      return this.#beforeText + JSON.stringify(event.text) + told + this.#afterDelta
    }
    if (event.kind === 'reasoning') return this.#delta({ reasoning_content: event.text })
    if (event.kind === 'toolCall') return this.#toolCall(event)
    return '' // a chat has no other content
  }

  end(event: EndEvent): string {
    const extras = extrasOf(event, this.#init.wantsReceipt)
    const tail = extras === undefined ? '' : `,"realmesh":${JSON.stringify(extras)}`
    const finish = `${this.#beforeDelta}{},"finish_reason":"${event.finishReason}"}]`
    if (!this.#init.includeUsage) return `${finish}${tail}}\n\n${DONE}`
    const usage = JSON.stringify(openAiUsage(event.usage))
    return `${finish},"usage":null}\n\n${this.#head}],"usage":${usage}${tail}}\n\n${DONE}`
  }

  #delta(delta: object): string {
    return this.#beforeDelta + JSON.stringify(delta) + this.#afterDelta
  }

  /** The first piece of a call carries its id and name, the later ones only more of the arguments. */
  #toolCall({ index, id, name, arguments: pieces }: ToolCallEvent): string {
    const call =
      name === undefined
        ? { index, function: { arguments: pieces } }
        : {
            index,
            id: id ?? `call_${this.#queryId}_${index}`,
            type: 'function',
            function: { name, arguments: pieces },
          }
    return this.#delta({ tool_calls: [call] })
  }
}
