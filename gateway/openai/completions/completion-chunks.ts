/** The pieces of a streamed text completion. */
import type { TokenLogprob } from '../../../core/query/logprobs.ts'
import type { ContentEvent, EndEvent } from '../../../core/query/query-event.ts'
import { extrasOf } from '../../answer/extras.ts'
import type { OfChoice } from '../../answer/several.ts'
import type { AnswerPieces, AnswerStart } from '../../answer/stream-answer.ts'
import type { ChunksInit } from '../chat/chat-chunks.ts'
import { fingerprintOf, openAiUsage } from '../format/answer-parts.ts'
import { completionLogprobs } from '../format/logprobs-format.ts'
import { DONE } from '../format/send-answer.ts'
import { headOf } from './completion-answer.ts'

export class CompletionChunks implements AnswerPieces {
  readonly #head: object
  readonly #echoes: readonly string[]
  readonly #init: ChunksInit
  /** Where the next token of each choice begins. */
  readonly #lengths: number[]

  /** `echoes`: what stands before the text of each choice. */
  constructor(start: AnswerStart, echoes: readonly string[], init: ChunksInit) {
    this.#head = { ...headOf(start), system_fingerprint: fingerprintOf(start.by) }
    this.#echoes = echoes
    this.#init = init
    this.#lengths = echoes.map(({ length }) => length)
  }

  open(): string {
    return this.#echoes.map((text, index) => (text === '' ? '' : this.#piece(text, index))).join('')
  }

  content(event: OfChoice<ContentEvent>): string {
    if (event.kind !== 'text') return ''
    const index = event.choice ?? 0
    const at = this.#lengths[index] ?? 0
    this.#lengths[index] = at + event.text.length
    return this.#piece(event.text, index, event.logprobs && { logprobs: event.logprobs, at })
  }

  ended(event: OfChoice<EndEvent>): string {
    return this.#chunk({ choices: [choice('', event.choice ?? 0, event.finishReason)] })
  }

  end(event: OfChoice<EndEvent>): string {
    const { includeUsage, wantsReceipt } = this.#init
    const realmesh = extrasOf(event, wantsReceipt)
    const choices = [choice('', event.choice ?? 0, event.finishReason)]
    if (!includeUsage) return this.#chunk({ choices, realmesh }) + DONE
    return this.#chunk({ choices }) + this.#chunk({ choices: [], usage: openAiUsage(event.usage), realmesh }) + DONE
  }

  #piece(
    text: string,
    index: number,
    told?: { readonly logprobs: readonly TokenLogprob[]; readonly at: number },
  ): string {
    const logprobs = told === undefined ? null : completionLogprobs(told.logprobs, told.at)
    return this.#chunk({ choices: [{ ...choice(text, index, null), logprobs }] })
  }

  #chunk(rest: object): string {
    return `data: ${JSON.stringify({ ...this.#head, ...rest })}\n\n`
  }
}

function choice(text: string, index: number, finishReason: string | null): object {
  return { text, index, logprobs: null, finish_reason: finishReason }
}
