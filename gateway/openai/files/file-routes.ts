/** `/v1/files`: uploaded, listed, read and deleted. To all but its own user a file is not there. */
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isEnded } from '../../../core/batch/user-batch.ts'
import { BadField, checkValue } from '../../../core/check-value.ts'
import { type GatewayContext, userOf } from '../../request/gateway-context.ts'
import { listPage } from '../format/list-page.ts'
import { fileObject } from './file-object.ts'
import { takeUpload } from './file-upload.ts'

/** Files of one page: what OpenAI allows. */
export const MAX_FILES_LISTED = 10_000

export const filesQuery = z.object({
  purpose: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(MAX_FILES_LISTED).optional(),
  order: z.enum(['asc', 'desc'], { error: 'expected asc or desc' }).optional(),
  after: z.string().optional(),
})

type ById = FastifyRequest<{ Params: { id: string } }>

/** Registers the paths on `app`. */
export function fileRoutes(app: FastifyInstance, context: GatewayContext): void {
  const { files, batches } = context.node
  app.post('/files', { config: { readsBody: true } }, async (request) => {
    return fileObject(await takeUpload(context, userOf(request), request.raw))
  })
  app.get('/files', async (request) => {
    const { purpose, limit = MAX_FILES_LISTED, order = 'desc', after } = checkValue(filesQuery, request.query)
    const all = (await files.list(userOf(request))).filter((file) => purpose === undefined || file.purpose === purpose)
    const sorted = [...all].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
    if (order === 'desc') sorted.reverse()
    return listPage(sorted, { limit, after }, fileObject)
  })
  app.get('/files/:id', async (request: ById) => fileObject(await files.take(userOf(request), request.params.id)))
  app.get('/files/:id/content', async (request: ById, reply) => {
    const user = userOf(request)
    const { id, bytes } = await files.take(user, request.params.id)
    reply.header('content-type', 'application/octet-stream').header('content-length', bytes)
    return reply.send(Readable.from(files.content(user, id), { objectMode: false }))
  })
  app.delete('/files/:id', async (request: ById) => {
    const user = userOf(request)
    const { id } = await files.take(user, request.params.id)
    const reading = (await batches.list(user)).find(({ inputFile, status }) => inputFile === id && !isEnded(status))
    if (reading !== undefined) {
      throw new BadField('id', `${reading.id} still reads this file`, { fix: 'cancel that batch first' })
    }
    await files.remove(user, id)
    return { id, object: 'file', deleted: true }
  })
}
