/** A text completion in one piece. */
import type { EndEvent, StartEvent } from '../../../core/query/query-event.ts'
import type { ChoiceEvent } from '../../answer/several.ts'
import type { AnswerStart } from '../../answer/stream-answer.ts'
import type { Gathering } from '../../answer/whole-answer.ts'
import { GatheredChat } from '../../gathering/chat.ts'
import { fingerprintOf, openAiUsage } from '../format/answer-parts.ts'
import { completionLogprobs } from '../format/logprobs-format.ts'

export class CompletionAnswer implements Gathering {
  readonly #choices: readonly GatheredChat[]
  readonly #echoes: readonly string[]
  #start: StartEvent | undefined
  #end: EndEvent | undefined

  /** `echoes`: what stands before the text of each choice. */
  constructor(echoes: readonly string[]) {
    this.#echoes = echoes
    this.#choices = echoes.map((text) => new GatheredChat(text))
  }

  add(event: ChoiceEvent): void {
    if (event.kind === 'start') this.#start = event
    else if (event.kind === 'end') this.#end = event
    this.#choices[event.choice ?? 0]?.add(event)
  }

  /** The body of the reply. */
  toBody({ queryId, created, model }: AnswerStart): object {
    return {
      ...headOf({ queryId, created, model: this.#start?.model ?? model }),
      system_fingerprint: fingerprintOf(this.#start),
      choices: this.#choices.map(({ text, logprobs, finish }, index) => {
        const told = logprobs === undefined ? null : completionLogprobs(logprobs, this.#echoes[index]?.length ?? 0)
        return { text, index, logprobs: told, finish_reason: finish }
      }),
      usage: openAiUsage(this.#end?.usage),
    }
  }
}

/** What all pieces of one completion have in common. */
export function headOf({ queryId, created, model }: AnswerStart): object {
  return { id: `cmpl-${queryId}`, object: 'text_completion', created, model }
}
