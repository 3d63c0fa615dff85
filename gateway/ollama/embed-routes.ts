/** Vectors: `POST /api/embed`, and `POST /api/embeddings`, which is the older one and takes a single text. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkValue } from '../../core/check-value.ts'
import { defined } from '../../core/defined.ts'
import { boundedList } from '../../core/json/bounded-list.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../core/model/model-name.ts'
import { assertTextFits } from '../../core/query/prompt-size.ts'
import { submit } from '../answer/submit.ts'
import { sendWhole } from '../answer/whole-answer.ts'
import { ollamaErrorBody } from '../api/ollama-error.ts'
import { GatheredVectors } from '../gathering/vectors.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { MAX_EMBEDDING_INPUTS } from '../request/limits.ts'
import { measured } from './format/answer-end.ts'
import { wishedFields } from './format/wishes.ts'

const model = z.string().max(MAX_MODEL_NAME_LENGTH).nullish()

export const embedSchema = z.object({
  model,
  input: z
    .union([z.string(), boundedList(z.string(), { max: MAX_EMBEDDING_INPUTS })], {
      error: `expected a text or up to ${MAX_EMBEDDING_INPUTS} texts`,
    })
    .nullish(),
  dimensions: z.number().int().min(0).nullish(),
})

export const singleEmbedSchema = z.object({ model, prompt: z.string().nullish() })

/** The handler of several texts. */
export function vectorsRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | object> => {
    const begunAt = context.clock.monotonic()
    const body = checkValue(embedSchema, request.body)
    const name = body.model ?? ''
    const inputs = typeof body.input === 'string' ? [body.input] : (body.input ?? [])
    if (inputs.length === 0) return { model: name, embeddings: [] }
    const asked = { model: name, inputs, schema: embedSchema, dimensions: body.dimensions || undefined }
    return sendVectors(context, request, reply, asked, (vectors) => ({
      model: vectors.model ?? name,
      embeddings: vectors.all.map((vector) => [...vector]),
      ...measured(vectors.end, { clock: context.clock, begunAt }),
    }))
  }
}

/** The handler of one text. */
export function singleVectorRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | object> => {
    const body = checkValue(singleEmbedSchema, request.body)
    if (!body.prompt) return { embedding: [] }
    const asked = { model: body.model ?? '', inputs: [body.prompt], schema: singleEmbedSchema }
    return sendVectors(context, request, reply, asked, ({ all: [vector = []] }) => ({ embedding: [...vector] }))
  }
}

interface AskedVectors {
  readonly model: string
  readonly inputs: readonly string[]
  readonly dimensions?: number | undefined
  readonly schema: { readonly shape: object }
}

function sendVectors(
  context: GatewayContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { model: name, inputs, dimensions, schema }: AskedVectors,
  toBody: (vectors: GatheredVectors) => object,
): Promise<FastifyReply> {
  assertTextFits(inputs)
  const body = { inputs, ...defined({ dimensions }) }
  const fields = wishedFields(request.body, schema)
  const submitted = submit(context, request, reply, { type: 'embed', model: name, body }, fields)
  return sendWhole(reply, submitted, new GatheredVectors(inputs.length, dimensions), { toBody, error: ollamaErrorBody })
}
