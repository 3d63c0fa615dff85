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
import type { EndEvent, QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { submit } from '../answer/submit.ts'
import type { Gathering } from '../answer/whole-answer.ts'
import { askedFields } from '../fields/asked-fields.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { MAX_EMBEDDING_INPUTS } from '../request/limits.ts'
import { sendAnswer } from './format/send-answer.ts'

const embeddingsSchema = z.object({
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
    return sendAnswer(reply, submitted, new Vectors(inputs.length, asked.dimensions), (vectors) =>
      vectors.toBody(model, body.encoding_format === 'base64'),
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

class Vectors implements Gathering {
  readonly #vectors: (Float32Array | undefined)[]
  readonly #dimensions: number | undefined
  #model: string | undefined
  node: string | undefined
  end: EndEvent | undefined

  /** `dimensions`: numbers of each vector, where the client wants so many. */
  constructor(count: number, dimensions: number | undefined) {
    this.#dimensions = dimensions
    this.#vectors = new Array<undefined>(count).fill(undefined)
  }

  add(event: QueryEvent): void {
    if (event.kind === 'embedding' && event.index in this.#vectors) this.#vectors[event.index] = event.vector
    else if (event.kind === 'end') this.end = event
    else if (event.kind === 'start') {
      this.node = event.node
      this.#model = event.model
    }
  }

  toBody(model: string, base64: boolean): object {
    const tokens = this.end?.usage?.promptTokens ?? 0
    return {
      object: 'list',
      data: this.#vectors.map((vector, index) => {
        if (vector === undefined) throw new RealmeshError('ENGINE_GARBAGE', `the engine left out vector ${index}`)
        if (this.#dimensions !== undefined && vector.length !== this.#dimensions) throw this.#otherLength(vector)
        return { object: 'embedding', index, embedding: base64 ? toBase64(vector) : [...vector] }
      }),
      model: this.#model ?? model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    }
  }

  /** Whatever the node said that made them: a store for other vectors would break later. */
  #otherLength({ length }: Float32Array): RealmeshError {
    const what = `the model makes vectors of ${length} numbers, not of ${this.#dimensions} (dimensions)`
    return new RealmeshError('CAPABILITY_MISSING', what, { fix: `leave dimensions out, or ask for ${length}` })
  }
}

/** Node runs on little-endian machines only, so the bytes are right as they lie. */
function toBase64(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
}
