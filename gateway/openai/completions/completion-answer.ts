/** A text completion in one piece. */
import type { TokenLogprob } from '../../../core/query/logprobs.ts'
import type { EndEvent, FinishReason } from '../../../core/query/query-event.ts'
import type { ChoiceEvent } from '../../answer/several.ts'
import type { AnswerStart } from '../../answer/stream-answer.ts'
import type { Gathering } from '../../answer/whole-answer.ts'
import { fingerprintOf, openAiUsage } from '../format/answer-parts.ts'
import { completionLogprobs } from '../format/logprobs-format.ts'

interface Completion {
  text: string
  logprobs: readonly TokenLogprob[] | undefined
  finish: FinishReason
}

export class CompletionAnswer implements Gathering {
  readonly #choices: readonly Completion[]
  readonly #echoes: readonly string[]
  #start: Extract<ChoiceEvent, { readonly kind: 'start' }> | undefined
  end: EndEvent | undefined

  /** `echoes`: what stands before the text of each choice. */
  constructor(echoes: readonly string[]) {
    this.#echoes = echoes
    this.#choices = echoes.map((text) => ({ text, logprobs: undefined, finish: 'stop' }))
  }

  get node(): string | undefined {
    return this.#start?.node
  }

  add(event: ChoiceEvent): void {
    const choice = this.#choices[event.choice ?? 0]
    if (choice === undefined) return
    if (event.kind === 'text') {
      choice.text += event.text
      if (event.logprobs !== undefined) choice.logprobs = [...(choice.logprobs ?? []), ...event.logprobs]
    } else if (event.kind === 'end') {
      choice.finish = event.finishReason
      this.end = event
    } else if (event.kind === 'start') this.#start = event
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
      usage: openAiUsage(this.end?.usage),
    }
  }
}

/** What all pieces of one completion have in common. */
export function headOf({ queryId, created, model }: AnswerStart): object {
  return { id: `cmpl-${queryId}`, object: 'text_completion', created, model }
}
