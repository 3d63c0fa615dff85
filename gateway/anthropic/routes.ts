/** Anthropic's paths, under `/v1` beside OpenAI's: the two share `/v1/models`. */
import type { FastifyInstance } from 'fastify'
import { requireKey } from '../door/door.ts'
import { handleErrors, handleThrown } from '../request/error-handler.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { countTokensRoute } from './count-tokens-route.ts'
import { FOR_ANTHROPIC } from './dialect.ts'
import { anthropicErrorBody, toldToAnthropic } from './error-body.ts'
import { messagesRoute } from './messages-route.ts'
import { messageModel, messageModels } from './models-routes.ts'

/** Registers the messages on `app`, whose prefix is `/v1/messages`. */
export function messageRoutes(app: FastifyInstance, context: GatewayContext): void {
  handleErrors(app, context.log, anthropicErrorBody, toldToAnthropic)
  requireKey(app, context.keys)
  app.post('/', messagesRoute(context))
  app.post('/count_tokens', countTokensRoute(context))
}

/** Registers the models on `app`, whose prefix is `/v1`, for clients of this API only. */
export function messageModelRoutes(app: FastifyInstance, context: GatewayContext): void {
  const since = new Date(context.clock.wall()).toISOString()
  handleThrown(app, context.log, anthropicErrorBody, toldToAnthropic)
  requireKey(app, context.keys)
  app.get('/models', { constraints: FOR_ANTHROPIC }, messageModels(context, since))
  app.get('/models/*', { constraints: FOR_ANTHROPIC }, messageModel(context, since))
}
