/** An answer in one piece. */
import type { EndEvent, QueryEvent, StartEvent } from '../../../core/query/query-event.ts'
import type { Gathering } from '../../answer/whole-answer.ts'
import { GatheredChat } from '../../gathering/chat.ts'
import { toldLogprobs } from '../../gathering/logprobs.ts'
import { createdAt, endFields } from './answer-end.ts'
import { lineHead } from './answer-head.ts'
import type { LinesInit } from './answer-lines.ts'
import { toldCalls } from './told-calls.ts'

export class AnswerBody implements Gathering {
  readonly #chat = new GatheredChat()
  #start: StartEvent | undefined
  #end: EndEvent | undefined

  add(event: QueryEvent): void {
    if (event.kind === 'start') this.#start = event
    else if (event.kind === 'end') this.#end = event
    this.#chat.add(event)
  }

  /** Throws `ENGINE_GARBAGE` for a call that cannot be told. */
  toBody(modelAsked: string, queryId: string, init: LinesInit): object {
    const { text, reasoning, logprobs, calls, finish } = this.#chat
    const told = toldCalls(calls, finish, queryId)
    // What is undefined is left out of the JSON.
    const beside = {
      thinking: reasoning === '' ? undefined : reasoning,
      tool_calls: told.length === 0 ? undefined : told,
    }
    return {
      ...lineHead(modelAsked, this.#start, init.own),
      created_at: createdAt(init),
      ...(init.kind === 'chat'
        ? { message: { role: 'assistant', content: text, ...beside } }
        : { response: text, ...beside }),
      logprobs: logprobs === undefined ? undefined : toldLogprobs(logprobs),
      ...(this.#end === undefined ? {} : endFields(this.#end, init)),
    }
  }
}
