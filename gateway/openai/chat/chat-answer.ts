/** A chat completion in one piece: the events of a query gathered into one body. */
import type { EndEvent, StartEvent } from '../../../core/query/query-event.ts'
import type { ChoiceEvent } from '../../answer/several.ts'
import type { AnswerStart } from '../../answer/stream-answer.ts'
import type { Gathering } from '../../answer/whole-answer.ts'
import { callId, type GatheredCall } from '../../gathering/calls.ts'
import { GatheredChat } from '../../gathering/chat.ts'
import { fingerprintOf, openAiUsage } from '../format/answer-parts.ts'
import { chatLogprobs } from '../format/logprobs-format.ts'

/** What an answer, one choice or several, consists of once it has ended. */
export class ChatAnswer implements Gathering {
  readonly #choices: GatheredChat[] = []
  #start: StartEvent | undefined
  #end: EndEvent | undefined

  add(event: ChoiceEvent): void {
    if (event.kind === 'start') this.#start = event
    else {
      if (event.kind === 'end') this.#end = event
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
      choices: this.#choices.map((choice, index) => ({ index, ...choiceBody(choice, start.queryId) })),
      usage: openAiUsage(this.#end?.usage),
    }
  }

  #at(index: number): GatheredChat {
    while (this.#choices.length <= index) this.#choices.push(new GatheredChat())
    return this.#choices[index] ?? new GatheredChat()
  }
}

function choiceBody({ text, reasoning, logprobs, finish, calls }: GatheredChat, queryId: string): object {
  // What is undefined is left out of the JSON.
  const message = {
    role: 'assistant',
    content: text === '' && calls.size > 0 ? null : text,
    refusal: null,
    reasoning_content: reasoning === '' ? undefined : reasoning,
    tool_calls: calls.size === 0 ? undefined : calls.all.map((call) => toolCall(call, queryId)),
  }
  return { message, logprobs: logprobs === undefined ? null : chatLogprobs(logprobs), finish_reason: finish }
}

function toolCall(call: GatheredCall, queryId: string): object {
  return {
    id: callId(call, queryId),
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }
}
