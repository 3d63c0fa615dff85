/** OpenAI's `/v1/audio`: hearing and speaking. */
import type { FastifyInstance } from 'fastify'
import { MAX_AUDIO_BYTES } from '../../../core/query/query-limits.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { speechRoute } from './speech-route.ts'
import { transcriptionRoute } from './transcription-route.ts'
import { listSpeakingModels, listVoices } from './voices-route.ts'

/** Registers the paths on `app`, whose prefix is `/v1`. */
export function audioRoutes(app: FastifyInstance, context: GatewayContext): void {
  const recording = { config: { form: { maxFileBytes: MAX_AUDIO_BYTES } } }
  app.get('/audio/voices', listVoices(context))
  app.get('/audio/models', listSpeakingModels(context))
  app.post('/audio/speech', speechRoute(context))
  app.post('/audio/transcriptions', recording, transcriptionRoute(context, 'transcribe'))
  app.post('/audio/translations', recording, transcriptionRoute(context, 'translate'))
}
