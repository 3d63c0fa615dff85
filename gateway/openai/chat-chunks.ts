/**
 * The pieces of a streamed chat completion. Everything that stays the same within one answer is built once, so that a token costs
 * one `JSON.stringify` of its text and a concatenation.
 */
import type { EndEvent, ToolCallEvent } from '../../core/query-event.ts'
import { extrasOf } from './extras.ts'
import { openAiUsage } from './usage.ts'

export interface ChatChunksInit {
  readonly queryId: string
  readonly model: string
  /** Seconds since the epoch. */
  readonly created: number
  readonly includeUsage: boolean
  readonly includeReceipt: boolean
}

export const DONE = 'data: [DONE]\n\n'

export class ChatChunks {
  readonly #init: ChatChunksInit
  readonly #head: string
  readonly #beforeDelta: string
  readonly #afterDelta: string

  constructor(init: ChatChunksInit) {
    this.#init = init
    const id = JSON.stringify(`chatcmpl-${init.queryId}`)
    const model = JSON.stringify(init.model)
    this.#head = `data: {"id":${id},"object":"chat.completion.chunk","created":${init.created},"model":${model},"choices":[`
    this.#beforeDelta = `${this.#head}{"index":0,"delta":`
    this.#afterDelta = `,"finish_reason":null}]${init.includeUsage ? ',"usage":null' : ''}}\n\n`
  }

  /** The first chunk of every answer. */
  role(): string {
    return `${this.#beforeDelta}{"role":"assistant","content":""}${this.#afterDelta}`
  }

  text(text: string): string {
    return `${this.#beforeDelta}{"content":${JSON.stringify(text)}}${this.#afterDelta}`
  }

  reasoning(text: string): string {
    return `${this.#beforeDelta}{"reasoning_content":${JSON.stringify(text)}}${this.#afterDelta}`
  }

  toolCall(event: ToolCallEvent): string {
    const { index, id, name } = event
    const first = name === undefined ? {} : { id: id ?? `call_${this.#init.queryId}_${index}`, type: 'function' }
    const delta = {
      tool_calls: [{ index, ...first, function: { ...(name !== undefined && { name }), arguments: event.arguments } }],
    }
    return `${this.#beforeDelta}${JSON.stringify(delta)}${this.#afterDelta}`
  }

  /** The last chunks: the finish, the usage where it was asked for, and the mark of the end. */
  end(event: EndEvent): string {
    const extras = extrasOf(event, this.#init.includeReceipt)
    const tail = extras === undefined ? '' : `,"realmesh":${JSON.stringify(extras)}`
    const finish = `${this.#beforeDelta}{},"finish_reason":"${event.finishReason}"}]`
    if (!this.#init.includeUsage) return `${finish}${tail}}\n\n${DONE}`
    const usage = JSON.stringify(openAiUsage(event.usage))
    return `${finish},"usage":null}\n\n${this.#head}],"usage":${usage}${tail}}\n\n${DONE}`
  }
}
