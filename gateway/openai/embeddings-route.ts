/**
 * `POST /v1/embeddings`: vectors as numbers, or as base64 of little-endian floats, which the `openai` package asks for
 * by default.
 */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { BadField, checkValue } from '../../core/check-value.ts'
import { defined } from '../../core/defined.ts'
import { boundedList } from '../../core/json/bounded-list.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../core/model/model-name.ts'
import { assertTextFits } from '../../core/query/prompt-size.ts'
import { submit } from '../answer/submit.ts'
import { askedFields } from '../fields/asked-fields.ts'
import { GatheredVectors } from '../gathering/vectors.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { MAX_EMBEDDING_INPUTS } from '../request/limits.ts'
import { sendAnswer } from './format/send-answer.ts'

export const embeddingsSchema = z.object({
  model: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
  input: z.union([z.string(), boundedList(z.string(), { min: 1, max: MAX_EMBEDDING_INPUTS })], {
    error: `expected a text or up to ${MAX_EMBEDDING_INPUTS} texts`,
  }),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.number().int().min(1).nullish(),
})

/** The handler, for a gateway's context. */
export function embeddingsRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    refuseTokens(request.body)
    const body = checkValue(embeddingsSchema, request.body)
    const model = body.model ?? ''
    const inputs = typeof body.input === 'string' ? [body.input] : body.input
    assertTextFits(inputs)
    const asked = { inputs, ...defined({ dimensions: body.dimensions ?? undefined }) }
    const submitted = submit(
      context,
      request,
      reply,
      { type: 'embed', model, body: asked },
      askedFields(request.body, embeddingsSchema),
    )
    return sendAnswer(reply, submitted, new GatheredVectors(inputs.length, asked.dimensions), (vectors) =>
      toBody(vectors, model, body.encoding_format === 'base64'),
    )
  }
}

/** LangChain counts tokens of OpenAI's models and sends these unless told otherwise. Throws `BadField`. */
function refuseTokens(body: unknown): void {
  const input: unknown = typeof body === 'object' && body !== null && 'input' in body ? body.input : undefined
  const [first]: readonly unknown[] = Array.isArray(input) ? input : []
  if (typeof first !== 'number' && !Array.isArray(first)) return
  throw new BadField('input', 'tokens mean something else to every model', {
    fix: 'send text; with LangChain set check_embedding_ctx_length=False',
  })
}

function toBody(vectors: GatheredVectors, model: string, base64: boolean): object {
  const tokens = vectors.end?.usage?.promptTokens ?? 0
  return {
    object: 'list',
    data: vectors.all.map((vector, index) => {
      return { object: 'embedding', index, embedding: base64 ? toBase64(vector) : [...vector] }
    }),
    model: vectors.model ?? model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  }
}

/** Node runs on little-endian machines only, so the bytes are right as they lie. */
function toBase64(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
}
