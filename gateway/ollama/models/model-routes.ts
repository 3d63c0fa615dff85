/** Which models there are: `GET /api/tags`, `GET /api/ps`, `POST /api/show`. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { BadField, checkValue } from '../../../core/check-value.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../../core/model/model-name.ts'
import { modelsFor, namedModel } from '../../fields/named-model.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { capabilitiesOf, detailsOf, listEntry, modelInfo, placeOf } from './model-form.ts'

/** The handler of all models. `since`: when this gateway started; engines do not tell, programs only need a time. */
export function tagsRoute(context: GatewayContext, since: string) {
  return (request: FastifyRequest): object => {
    return { models: modelsFor(context, request).map((each) => ({ ...listEntry(each), modified_at: since })) }
  }
}

/** No rig tells when it will let a model go. Ollama itself writes a far time for a model that stays. */
const NO_END = '9999-12-31T23:59:59Z'

/** Ollama's own program takes 0 for "computed without a GPU", and a size that does not fit the whole for "unknown". */
const UNKNOWN_VRAM = 1

/** The handler of the models that are in the memory of a rig. */
export function psRoute(context: GatewayContext) {
  return (request: FastifyRequest): object => {
    const loaded = modelsFor(context, request).filter((each) => each.loaded.length > 0)
    return {
      models: loaded.map((each) => ({
        ...listEntry(each),
        expires_at: NO_END,
        size_vram: UNKNOWN_VRAM,
        context_length: each.model.contextLength ?? 0,
      })),
    }
  }
}

/** `name` is what older programs, and Ollama's own, call it. */
export const showSchema = z.object({
  model: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
  name: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
})

/** The handler of one model. Its template and its weights stay at the rig. */
export function showRoute(context: GatewayContext, since: string) {
  return (request: FastifyRequest): object => {
    const body = checkValue(showSchema, request.body)
    const name = body.model || body.name
    if (!name) throw new BadField('model', 'expected the name of a model', { fix: 'see GET /api/tags for the names' })
    const one = namedModel(context, request, name, '/api/tags')
    return {
      details: detailsOf(one.model),
      model_info: modelInfo(one.model),
      capabilities: capabilitiesOf(one.model),
      modified_at: since,
      ...placeOf(one),
    }
  }
}
