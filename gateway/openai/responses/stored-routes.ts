/** `/v1/responses/{id}`: a response that was made before, read, replayed, cancelled or deleted. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { BadField, checkValue } from '../../../core/check-value.ts'
import { type GatewayContext, userOf } from '../../request/gateway-context.ts'
import { listPage } from '../format/list-page.ts'
import type { ResponseDesk } from './kept/response-desk.ts'
import { sendKept } from './send-kept.ts'

/** Items of one page: what OpenAI allows. */
export const MAX_INPUT_ITEMS = 100

const DEFAULT_INPUT_ITEMS = 20

export const storedQuery = z.object({
  stream: z.enum(['true', 'false'], { error: 'expected true or false' }).optional(),
  starting_after: z.coerce.number().int().min(0).optional(),
})

export const inputItemsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_INPUT_ITEMS).optional(),
  order: z.enum(['asc', 'desc'], { error: 'expected asc or desc' }).optional(),
  after: z.string().optional(),
})

type ById = FastifyRequest<{ Params: { id: string } }>

/** Registers the paths on `app`. */
export function storedRoutes(app: FastifyInstance, context: GatewayContext, desk: ResponseDesk): void {
  app.get('/responses/:id', async (request: ById, reply) => read(context, desk, request, reply))
  app.get('/responses/:id/input_items', async (request: ById) => inputItems(desk, request))
  app.post('/responses/:id/cancel', async (request: ById, reply) => {
    const running = await desk.take(userOf(request), request.params.id)
    if (running.record.init.body.background !== true) {
      throw new BadField('id', 'only a response in the background can be cancelled', { fix: 'close its connection' })
    }
    if (running.record.ended === undefined) await running.cancel()
    return sendKept(context, reply, running)
  })
  app.delete('/responses/:id', async (request: ById) => {
    const { id } = request.params
    await desk.remove(userOf(request), id)
    return { id, object: 'response', deleted: true }
  })
}

async function read(
  context: GatewayContext,
  desk: ResponseDesk,
  request: ById,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { stream, starting_after: after } = checkValue(storedQuery, request.query)
  const running = await desk.take(userOf(request), request.params.id)
  if (stream !== 'true' && after !== undefined) {
    throw new BadField('starting_after', 'is only allowed beside stream=true')
  }
  return sendKept(context, reply, running, { stream: stream === 'true', after })
}

async function inputItems(desk: ResponseDesk, request: ById): Promise<object> {
  const { limit = DEFAULT_INPUT_ITEMS, order = 'desc', after } = checkValue(inputItemsQuery, request.query)
  const { record } = await desk.take(userOf(request), request.params.id)
  const { queryId, body } = record.init
  const all = body.input.map((item, index) => ({
    ...item,
    type: item['type'] ?? 'message',
    id: typeof item['id'] === 'string' ? item['id'] : `in_${queryId}_${index}`,
  }))
  if (order === 'desc') all.reverse()
  return listPage(all, { limit, after }, (item) => item)
}
