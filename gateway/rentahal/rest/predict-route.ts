/**
 * `POST /predict`: what a RENT-A-HAL host asks of a chat or vision worker of its own. This node may be one: the host
 * names its address as a worker's. `GET /health`, which the host looks at by its status, is that of the node.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { MAX_MODEL_NAME_LENGTH } from '../../../core/model/model-name.ts'
import { askedFields } from '../../fields/asked-fields.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { ANY_WORKER } from '../query/query-schema.ts'
import { checkBody } from './detail-error.ts'
import { sendResult } from './query-route.ts'

export const predictSchema = z.object({
  prompt: z.string(),
  /** Base64. */
  image: z.string().nullish(),
  type: z.string().nullish(),
  model_type: z.string().nullish(),
  model_name: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
})

/** The handler, for a gateway's context. */
export function predictRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { prompt, image, model_name: name } = checkBody(predictSchema, request.body)
    const { dropped } = askedFields(request.body, predictSchema)
    // A worker of theirs answers what it is given, whatever the host calls it.
    const query = {
      ...{ prompt, image, query_type: image ? 'vision' : 'chat' },
      ...{ model_type: ANY_WORKER, model_name: name ?? '' },
    }
    return await sendResult(context, request, reply, { query, dropped, around: (response) => ({ response }) })
  }
}
