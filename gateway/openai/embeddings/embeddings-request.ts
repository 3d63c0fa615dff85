/** The body of `POST /v1/embeddings` as a query, and the body of its answer. */

import { z } from 'zod'
import { BadField, checkValue } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import { boundedList } from '../../../core/json/bounded-list.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../../core/model/model-name.ts'
import { assertTextFits } from '../../../core/query/prompt-size.ts'
import type { DoorRequest } from '../../answer/door-request.ts'
import { askedFields } from '../../fields/asked-fields.ts'
import { GatheredVectors } from '../../gathering/vectors.ts'
import { MAX_EMBEDDING_INPUTS } from '../../request/limits.ts'

export const embeddingsSchema = z.object({
  model: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
  input: z.union([z.string(), boundedList(z.string(), { min: 1, max: MAX_EMBEDDING_INPUTS })], {
    error: `expected a text or up to ${MAX_EMBEDDING_INPUTS} texts`,
  }),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.number().int().min(1).nullish(),
})

/** A request of this door; `sent`: its body as it came. Throws `BadField`, `PROMPT_TOO_LARGE`. */
export function embeddingsRequest(sent: unknown): DoorRequest {
  refuseTokens(sent)
  const body = checkValue(embeddingsSchema, sent)
  const model = body.model ?? ''
  const inputs = typeof body.input === 'string' ? [body.input] : body.input
  assertTextFits(inputs)
  const asked = { inputs, ...defined({ dimensions: body.dimensions ?? undefined }) }
  return {
    model,
    asked: [{ type: 'embed', model, body: asked }],
    fields: askedFields(sent, embeddingsSchema),
    whole: () => {
      const vectors = new GatheredVectors(inputs.length, asked.dimensions)
      return {
        add: (event) => vectors.add(event),
        toBody: () => toBody(vectors, model, body.encoding_format === 'base64'),
      }
    },
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
