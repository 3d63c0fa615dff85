/** A chat completion in one piece: the events of a query gathered into one body. */
import type { TokenLogprob } from '../../../core/query/logprobs.ts'
import type { EndEvent, QueryEvent, TextEvent, ToolCallEvent } from '../../../core/query/query-event.ts'
import type { AnswerStart } from '../../answer/stream-answer.ts'
import { openAiUsage } from '../format/answer-parts.ts'
import { chatLogprobs } from '../format/logprobs-format.ts'
import type { Gathering } from '../format/send-answer.ts'

interface GatheredCall {
  readonly id: string | undefined
  readonly name: string
  arguments: string
}

/** What an answer consists of once it has ended. */
export class ChatAnswer implements Gathering {
  #text = ''
  #reasoning = ''
  #logprobs: readonly TokenLogprob[] | undefined
  readonly #calls = new Map<number, GatheredCall>()
  node: string | undefined
  model: string | undefined
  end: EndEvent | undefined

  /** The answer's text so far. */
  get text(): string {
    return this.#text
  }

  add(event: QueryEvent): void {
    if (event.kind === 'text') this.#addText(event)
    else if (event.kind === 'reasoning') this.#reasoning += event.text
    else if (event.kind === 'toolCall') this.#addCall(event)
    else if (event.kind === 'end') this.end = event
    else if (event.kind === 'start') {
      this.node = event.node
      this.model = event.model
    }
  }

  /** The body of the reply. */
  toBody(start: AnswerStart): object {
    // What is undefined is left out of the JSON.
    const message = {
      role: 'assistant',
      content: this.#text === '' && this.#calls.size > 0 ? null : this.#text,
      refusal: null,
      reasoning_content: this.#reasoning === '' ? undefined : this.#reasoning,
      tool_calls: this.#calls.size === 0 ? undefined : this.#toolCalls(start),
    }
    const logprobs = this.#logprobs === undefined ? null : chatLogprobs(this.#logprobs)
    return {
      id: `chatcmpl-${start.queryId}`,
      object: 'chat.completion',
      created: start.created,
      model: this.model ?? start.model,
      choices: [{ index: 0, message, logprobs, finish_reason: this.end?.finishReason ?? 'stop' }],
      usage: openAiUsage(this.end?.usage),
    }
  }

  #toolCalls({ queryId }: AnswerStart): readonly object[] {
    return [...this.#calls].map(([index, call]) => toolCall(call, `call_${queryId}_${index}`))
  }

  #addText({ text, logprobs }: TextEvent): void {
    this.#text += text
    if (logprobs !== undefined) this.#logprobs = [...(this.#logprobs ?? []), ...logprobs]
  }

  #addCall(event: ToolCallEvent): void {
    const call = this.#calls.get(event.index)
    if (call !== undefined) call.arguments += event.arguments
    else this.#calls.set(event.index, { id: event.id, name: event.name ?? '', arguments: event.arguments })
  }
}

function toolCall(call: GatheredCall, fallbackId: string): object {
  return {
    id: call.id ?? fallbackId,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }
}
