/** A chat completion in one piece: the events of a query gathered into one body. */
import type { TokenLogprob } from '../../../core/query/logprobs.ts'
import type {
  EndEvent,
  FinishReason,
  QueryEvent,
  StartEvent,
  TextEvent,
  ToolCallEvent,
} from '../../../core/query/query-event.ts'
import type { ChoiceEvent } from '../../answer/several.ts'
import type { AnswerStart } from '../../answer/stream-answer.ts'
import type { Gathering } from '../../answer/whole-answer.ts'
import { fingerprintOf, openAiUsage } from '../format/answer-parts.ts'
import { chatLogprobs } from '../format/logprobs-format.ts'

interface GatheredCall {
  readonly id: string | undefined
  readonly name: string
  arguments: string
}

/** What an answer, one choice or several, consists of once it has ended. */
export class ChatAnswer implements Gathering {
  readonly #choices: ChatChoice[] = []
  #start: StartEvent | undefined
  end: EndEvent | undefined

  get node(): string | undefined {
    return this.#start?.node
  }

  add(event: ChoiceEvent): void {
    if (event.kind === 'start') this.#start = event
    else {
      if (event.kind === 'end') this.end = event
      this.#at(event.choice ?? 0).add(event)
    }
  }

  /** The body of the reply. */
  toBody(start: AnswerStart): object {
    if (this.#choices.length === 0) this.#at(0)
    return {
      id: `chatcmpl-${start.queryId}`,
      object: 'chat.completion',
      created: start.created,
      model: this.#start?.model ?? start.model,
      system_fingerprint: fingerprintOf(this.#start),
      choices: this.#choices.map((choice, index) => ({ index, ...choice.toBody(start) })),
      usage: openAiUsage(this.end?.usage),
    }
  }

  #at(index: number): ChatChoice {
    while (this.#choices.length <= index) this.#choices.push(new ChatChoice())
    return this.#choices[index] ?? new ChatChoice()
  }
}

class ChatChoice {
  #text = ''
  #reasoning = ''
  #logprobs: readonly TokenLogprob[] | undefined
  #finish: FinishReason = 'stop'
  readonly #calls = new Map<number, GatheredCall>()

  add(event: QueryEvent): void {
    if (event.kind === 'text') this.#addText(event)
    else if (event.kind === 'reasoning') this.#reasoning += event.text
    else if (event.kind === 'toolCall') this.#addCall(event)
    else if (event.kind === 'end') this.#finish = event.finishReason
  }

  toBody({ queryId }: AnswerStart): object {
    // What is undefined is left out of the JSON.
    const message = {
      role: 'assistant',
      content: this.#text === '' && this.#calls.size > 0 ? null : this.#text,
      refusal: null,
      reasoning_content: this.#reasoning === '' ? undefined : this.#reasoning,
      tool_calls: this.#calls.size === 0 ? undefined : this.#toolCalls(queryId),
    }
    const logprobs = this.#logprobs === undefined ? null : chatLogprobs(this.#logprobs)
    return { message, logprobs, finish_reason: this.#finish }
  }

  #toolCalls(queryId: string): readonly object[] {
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
