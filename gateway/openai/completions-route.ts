/**
 * `POST /v1/completions`, for programs from before chats. The prompt becomes the only message of a chat: engines know
 * their model's template, we do not, and a raw prompt would bypass it.
 */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkValue } from '../../core/check-value.ts'
import { defined } from '../../core/defined.ts'
import { boundedList } from '../../core/json/bounded-list.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../core/model/model-name.ts'
import { assertTextFits } from '../../core/query/prompt-size.ts'
import type { ChatBody } from '../../core/query/query.ts'
import type { ContentEvent, EndEvent } from '../../core/query/query-event.ts'
import { type AnswerPieces, type AnswerStart, streamAnswer } from '../answer/stream-answer.ts'
import { submit } from '../answer/submit.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { ChatAnswer } from './chat/chat-answer.ts'
import type { ChunksInit } from './chat/chat-chunks.ts'
import { extrasOf, openAiUsage } from './format/answer-parts.ts'
import { askedFields } from './format/asked-fields.ts'
import { samplingFields, toSampling } from './format/sampling.ts'
import { DONE, sendAnswer, sseFormat } from './format/send-answer.ts'

const completionsSchema = z.object({
  model: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
  prompt: z.union([z.string(), boundedList(z.string(), { min: 1, max: 1 })], { error: 'expected one text' }),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  suffix: z.null({ error: 'text is continued at its end only' }).optional(),
  n: z.literal(1, { error: 'one answer per call is what engines give; call again for more' }).nullish(),
  ...samplingFields,
})

/** The handler, for a gateway's context. */
export function completionsRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const body = checkValue(completionsSchema, request.body)
    const model = body.model ?? ''
    const asked = { type: 'chat', model, body: toChat(body) } as const
    const submitted = submit(context, request, reply, asked, askedFields(request.body))
    const { accepted, wantsReceipt } = submitted
    if (body.stream !== true) {
      const start = { queryId: accepted.id, model, created: Math.floor(context.clock.wall() / 1000) }
      return sendAnswer(reply, submitted, new ChatAnswer(), (answer) => toBody(answer, start))
    }
    const includeUsage = body.stream_options?.include_usage === true
    const format = sseFormat(
      context.log,
      submitted,
      (start) => new CompletionChunks(start, { includeUsage, wantsReceipt }),
    )
    await streamAnswer(accepted, { response: reply.raw, clock: context.clock }, format, model)
    return reply.hijack()
  }
}

function toChat(body: z.infer<typeof completionsSchema>): ChatBody {
  const prompt = typeof body.prompt === 'string' ? body.prompt : body.prompt.join('')
  assertTextFits([prompt])
  const sampling = toSampling(body)
  return { messages: [{ role: 'user', content: prompt }], ...defined({ sampling }) }
}

function toBody(answer: ChatAnswer, start: AnswerStart): object {
  return {
    ...headOf({ ...start, model: answer.model ?? start.model }),
    choices: [choice(answer.text, answer.end?.finishReason ?? 'stop')],
    usage: openAiUsage(answer.end?.usage),
  }
}

class CompletionChunks implements AnswerPieces {
  readonly #head: object
  readonly #init: ChunksInit

  constructor(start: AnswerStart, init: ChunksInit) {
    this.#head = headOf(start)
    this.#init = init
  }

  open(): string {
    return ''
  }

  content(event: ContentEvent): string {
    return event.kind === 'text' ? this.#chunk({ choices: [choice(event.text, null)] }) : ''
  }

  end(event: EndEvent): string {
    const { includeUsage, wantsReceipt } = this.#init
    const realmesh = extrasOf(event, wantsReceipt)
    const choices = [choice('', event.finishReason)]
    if (!includeUsage) return this.#chunk({ choices, realmesh }) + DONE
    return this.#chunk({ choices }) + this.#chunk({ choices: [], usage: openAiUsage(event.usage), realmesh }) + DONE
  }

  #chunk(rest: object): string {
    return `data: ${JSON.stringify({ ...this.#head, ...rest })}\n\n`
  }
}

function headOf({ queryId, created, model }: AnswerStart): object {
  return { id: `cmpl-${queryId}`, object: 'text_completion', created, model }
}

function choice(text: string, finishReason: string | null): object {
  return { text, index: 0, logprobs: null, finish_reason: finishReason }
}
