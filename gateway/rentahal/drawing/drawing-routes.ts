/**
 * What clients of Automatic1111 ask: pictures of a text, the models that draw, and whether anything is drawn. A
 * RENT-A-HAL host asks the first of its workers for pictures. Errors are FastAPI's, as there.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import type { ListedModel } from '../../../node/api/node-api.ts'
import { submit } from '../../answer/submit.ts'
import { sendWhole } from '../../answer/whole-answer.ts'
import { modelFor, modelsFor } from '../../fields/named-model.ts'
import { GatheredImages } from '../../gathering/images.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { FAILED_AT } from '../query/failure-words.ts'
import { checkBody, detailBody, detailErrors } from '../rest/detail-error.ts'
import { txt2imgBody } from './txt2img-answer.ts'
import { toDrawn, txt2imgFields, txt2imgSchema } from './txt2img-request.ts'

/** Registers the paths on `app`, whose prefix is `/sdapi/v1`, behind its check of keys. */
export function drawingRoutes(app: FastifyInstance, context: GatewayContext): void {
  const errors = { errorHandler: detailErrors(context.log) }
  app.post('/txt2img', errors, txt2imgRoute(context))
  app.get('/sd-models', errors, (request) => modelsThatDraw(context, request).map(toCheckpoint))
  app.get('/progress', errors, () => progressOf(context))
}

/** Pictures with the model that drew them. */
class Drawn extends GatheredImages {
  model = ''

  override add(event: QueryEvent): void {
    super.add(event)
    if (event.kind === 'start') this.model = event.model
  }
}

function txt2imgRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const asked = checkBody(txt2imgSchema, request.body)
    const body = toDrawn(asked)
    const wanted = asked.override_settings?.sd_model_checkpoint ?? ''
    // A checkpoint is a hint: hosts name those of their own machine.
    const named = wanted === '' ? undefined : modelFor(context, request, wanted)?.model
    const known = named?.types.includes('imagine') === true
    const fields = txt2imgFields(request.body)
    const dropped = known || wanted === '' ? fields.dropped : [...fields.dropped, 'override_settings']
    const query = { type: 'imagine', model: known ? wanted : '', body } as const
    const submitted = submit(context, request, reply, query, { ...fields, dropped })
    return await sendWhole(reply, submitted, new Drawn(), {
      toBody: (drawn) => txt2imgBody(drawn, asked, drawn.model),
      error: detailBody(FAILED_AT.query),
    })
  }
}

function modelsThatDraw(context: GatewayContext, request: FastifyRequest): readonly ListedModel[] {
  return modelsFor(context, request).filter(({ model }) => model.types.includes('imagine'))
}

/** Where it lies is its rig's own business. */
function toCheckpoint({ model: { name } }: ListedModel): object {
  return { title: name, model_name: name, hash: null, sha256: null, filename: name, config: null }
}

/** What is drawn for this node's own users and for peers. How far each is stands in no place where all may look. */
function progressOf({ node }: GatewayContext): object {
  const drawing = node.status().realms.filter(({ primaryQueryType: type }) => type === 'imagine')
  const jobs = drawing.reduce((sum, { running, queued }) => sum + running + queued, 0)
  const state = { skipped: false, interrupted: false, job: '', job_count: jobs, job_no: 0 }
  return { progress: 0, eta_relative: 0, state, current_image: null, textinfo: null }
}
