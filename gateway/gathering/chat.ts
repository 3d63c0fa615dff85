/** One answer of a chat as it stands once its events have come. */
import type { TokenLogprob } from '../../core/query/logprobs.ts'
import type { FinishReason, QueryEvent, TextEvent } from '../../core/query/query-event.ts'
import { GatheredCalls } from './calls.ts'
import { appended } from './logprobs.ts'

export class GatheredChat {
  text: string
  reasoning = ''
  /** Of all tokens of the text, where they were told. */
  logprobs: TokenLogprob[] | undefined
  finish: FinishReason = 'stop'
  readonly calls = new GatheredCalls()

  /** `text`: what stands before the answer. */
  constructor(text = '') {
    this.text = text
  }

  add(event: QueryEvent): void {
    if (event.kind === 'text') this.#addText(event)
    else if (event.kind === 'reasoning') this.reasoning += event.text
    else if (event.kind === 'toolCall') this.calls.add(event)
    else if (event.kind === 'end') this.finish = event.finishReason
  }

  #addText({ text, logprobs }: TextEvent): void {
    this.text += text
    if (logprobs !== undefined) this.logprobs = appended(this.logprobs, logprobs)
  }
}
