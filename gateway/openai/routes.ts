/** OpenAI's paths, under `/v1`. */
import type { FastifyInstance } from 'fastify'
import { requireKey } from '../door/door.ts'
import { handleErrors } from '../request/error-handler.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { audioRoutes } from './audio/audio-routes.ts'
import { batchRoutes } from './batches/batch-routes.ts'
import type { BatchRunner } from './batches/run/batch-runner.ts'
import { chatRoute } from './chat/chat-route.ts'
import { completionsRoute } from './completions/completions-route.ts'
import { embeddingsRoute } from './embeddings/embeddings-route.ts'
import { fileRoutes } from './files/file-routes.ts'
import { openAiErrorBody } from './format/answer-parts.ts'
import { EDITS_FORM, editsRoute } from './images/edits-route.ts'
import { imagesRoute } from './images/images-route.ts'
import { listModels, oneModel } from './models-route.ts'
import { compactRoute } from './responses/compact-route.ts'
import { inputTokensRoute } from './responses/input-tokens-route.ts'
import type { ResponseDesk } from './responses/kept/response-desk.ts'
import { responsesRoute } from './responses/responses-route.ts'
import { storedRoutes } from './responses/stored-routes.ts'

/** What runs without a client. */
export interface Background {
  readonly desk: ResponseDesk
  readonly batches: BatchRunner
}

/** Registers the family on `app`, whose prefix is `/v1`. */
export function openAiRoutes(app: FastifyInstance, context: GatewayContext, { desk, batches }: Background): void {
  const created = Math.floor(context.clock.wall() / 1000)
  handleErrors(app, context.log, openAiErrorBody)
  requireKey(app, context.keys)
  app.get('/models', listModels(context, created))
  app.get('/models/*', oneModel(context, created))
  app.post('/chat/completions', chatRoute(context))
  app.post('/completions', completionsRoute(context))
  app.post('/responses', responsesRoute(context, desk))
  app.post('/responses/input_tokens', inputTokensRoute(context, desk))
  app.post('/responses/compact', compactRoute(context, desk, desk.now))
  storedRoutes(app, context, desk)
  app.post('/embeddings', embeddingsRoute(context))
  fileRoutes(app, context)
  batchRoutes(app, context, batches)
  app.post('/images/generations', imagesRoute(context))
  app.post('/images/edits', EDITS_FORM, editsRoute(context))
  audioRoutes(app, context)
}
