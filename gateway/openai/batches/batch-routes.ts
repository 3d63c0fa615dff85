/** `/v1/batches`: made, listed, read and cancelled; what answers their lines is in `run/`. */
import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isEnded, NO_BATCH_USAGE, type UserBatch } from '../../../core/batch/user-batch.ts'
import { BadField, checkValue } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import { type GatewayContext, userOf } from '../../request/gateway-context.ts'
import type { ReadJson } from '../../request/json-body.ts'
import { listPage } from '../format/list-page.ts'
import type { ResponseDesk } from '../responses/kept/response-desk.ts'
import { batchObject } from './batch-object.ts'
import { type BatchBody, batchSchema, windowMs } from './batch-schema.ts'
import { answerLine } from './lines/answer-line.ts'
import { BatchRunner } from './run/batch-runner.ts'
import { entered } from './run/batch-steps.ts'

/** Batches of one page: what OpenAI allows. */
export const MAX_BATCHES_LISTED = 100

const DEFAULT_BATCHES_LISTED = 20

export const batchesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_BATCHES_LISTED).optional(),
  after: z.string().optional(),
})

type ById = FastifyRequest<{ Params: { id: string } }>

/** What answers the lines of batches. It runs from its `start` on. */
export function newBatchRunner(context: GatewayContext, desk: ResponseDesk, parse: ReadJson): BatchRunner {
  return new BatchRunner({ context, answer: (ask) => answerLine(context, desk, ask), parse })
}

/** Registers the paths on `app`. */
export function batchRoutes(app: FastifyInstance, context: GatewayContext, runner: BatchRunner): void {
  const { batches } = context.node
  const told = (batch: UserBatch): object => batchObject(batch, runner.progress(batch.id))
  app.post('/batches', async (request) => {
    const user = userOf(request)
    const batch = await newBatch(context, user, checkValue(batchSchema, request.body))
    await batches.create(user, batch)
    runner.add({ user, batch })
    return told(batch)
  })
  app.get('/batches', async (request) => {
    const { limit = DEFAULT_BATCHES_LISTED, after } = checkValue(batchesQuery, request.query)
    const all = [...(await batches.list(userOf(request)))].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
    return listPage(all, { limit, after }, told)
  })
  app.get('/batches/:id', async (request: ById) => told(await batches.take(userOf(request), request.params.id)))
  app.post('/batches/:id/cancel', async (request: ById) => {
    const user = userOf(request)
    const batch = await batches.update(user, request.params.id, (before) => cancelling(before, context.clock.wall()))
    if (batch.status === 'cancelling') runner.cancel(user, batch)
    return told(batch)
  })
}

/** Throws `FILE_NOT_FOUND` where there is no such file, `BadField` where it is for something else. */
async function newBatch({ node, clock }: GatewayContext, user: string, body: BatchBody): Promise<UserBatch> {
  const file = await node.files.take(user, body.input_file_id)
  if (file.purpose !== 'batch') throw new BadField('input_file_id', `is a file for ${file.purpose}, not for batch`)
  const at = clock.wall()
  return {
    id: `batch_${newId()}`,
    endpoint: body.endpoint,
    window: body.completion_window,
    inputFile: file.id,
    outputFile: `file-${newId()}`,
    errorFile: `file-${newId()}`,
    ...defined({ metadata: body.metadata ?? undefined }),
    at,
    expiresAt: at + (windowMs(body.completion_window) ?? 0),
    status: 'validating',
    times: { validating: at },
    total: 0,
    completed: 0,
    failed: 0,
    usage: NO_BATCH_USAGE,
  }
}

/** One that is being cancelled already stays as it is. Throws `BadField` for one that has ended. */
function cancelling(batch: UserBatch, now: number): UserBatch {
  if (batch.status === 'cancelling' || batch.status === 'cancelled') return batch
  if (isEnded(batch.status) || batch.status === 'finalizing') {
    throw new BadField('id', `a batch that is ${batch.status} cannot be cancelled`)
  }
  return entered(batch, 'cancelling', now)
}

function newId(): string {
  return randomBytes(12).toString('hex')
}
