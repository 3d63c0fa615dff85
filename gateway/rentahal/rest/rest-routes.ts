/** RENT-A-HAL's paths: those of its host under `/api`, and those of a worker, as which this node may serve a host. */
import type { FastifyInstance } from 'fastify'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { FAILED_AT } from '../query/failure-words.ts'
import { hearPlan, speakPlan } from '../query/steps.ts'
import { detailErrors } from './detail-error.ts'
import { predictRoute } from './predict-route.ts'
import { queryRoute } from './query-route.ts'
import { sharedChatErrors, sharedChatRoute } from './shared-chat.ts'

/** Registers the paths of a host on `app`, whose prefix is `/api`, behind its check of keys. */
export function hostRoutes(app: FastifyInstance, context: GatewayContext): void {
  const { log } = context
  const errorHandler = detailErrors(log)
  app.post('/chat', { errorHandler: sharedChatErrors(context) }, sharedChatRoute(context))
  app.post('/vision', { errorHandler }, queryRoute(context, { type: 'vision' }))
  app.post('/imagine', { errorHandler }, queryRoute(context, { type: 'imagine' }))
  app.post(
    '/whisper',
    { errorHandler: detailErrors(log, FAILED_AT.hearing) },
    queryRoute(context, {
      opening: FAILED_AT.hearing,
      around: (said) => said.trim(),
      plan: ({ audio }) => hearPlan(audio),
    }),
  )
  app.post(
    '/bark',
    { errorHandler: detailErrors(log, FAILED_AT.speaking) },
    queryRoute(context, {
      opening: FAILED_AT.speaking,
      plan: ({ prompt }) => speakPlan(prompt),
    }),
  )
}

/** Registers the paths of a worker on `app`, behind its check of keys. */
export function workerRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.post('/predict', { errorHandler: detailErrors(context.log) }, predictRoute(context))
}
