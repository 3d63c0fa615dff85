/**
 * The pieces of a streamed text completion. What they have in common is written once, so that a token costs one
 * `JSON.stringify` of its text and a concatenation.
 */
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
  /** The beginning of every piece. */
  readonly #head: string
  readonly #echoes: readonly string[]
  readonly #init: ChunksInit
  /** Where the next token of each choice begins. */
  readonly #lengths: number[]

  /** `echoes`: what stands before the text of each choice. */
  constructor(start: AnswerStart, echoes: readonly string[], init: ChunksInit) {
    const head = JSON.stringify({ ...headOf(start), system_fingerprint: fingerprintOf(start.by) })
    this.#head = `data: ${head.slice(0, -1)},"choices":[`
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
    return this.#chunk(lastOf(event))
  }

  end(event: OfChoice<EndEvent>): string {
    const { includeUsage, wantsReceipt } = this.#init
    const realmesh = extrasOf(event, wantsReceipt)
    const last = lastOf(event)
    if (!includeUsage) return this.#chunk(last, { realmesh }) + DONE
    return this.#chunk(last) + this.#chunk('', { usage: openAiUsage(event.usage), realmesh }) + DONE
  }

  #piece(
    text: string,
    index: number,
    told?: { readonly logprobs: readonly TokenLogprob[]; readonly at: number },
  ): string {
    const logprobs = told === undefined ? 'null' : JSON.stringify(completionLogprobs(told.logprobs, told.at))
    return this.#chunk(`{"text":${JSON.stringify(text)},"index":${index},"logprobs":${logprobs},"finish_reason":null}`)
  }

  /** `choice`: as JSON; `beside`: fields that stand behind the choices. */
  #chunk(choice: string, beside?: object): string {
    const more = beside === undefined ? '}' : JSON.stringify(beside).slice(1)
    return `${this.#head}${choice}]${more === '}' ? '' : ','}${more}\n\n`
  }
}

function lastOf({ choice: index = 0, finishReason }: OfChoice<EndEvent>): string {
  return `{"text":"","index":${index},"logprobs":null,"finish_reason":"${finishReason}"}`
}
