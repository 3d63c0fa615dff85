/** `POST /v1/audio/speech`: a text becomes sound, which goes out as the engine makes it. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkValue } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../../core/model/model-name.ts'
import { assertTextFits } from '../../../core/query/prompt-size.ts'
import { MAX_VOICE_LENGTH } from '../../../core/query/query-limits.ts'
import { SPEECH_FORMATS, type SpeakBody } from '../../../core/query/sound.ts'
import type { AskedFields } from '../../answer/ignored-fields.ts'
import { sendStream } from '../../answer/stream-answer.ts'
import { submit } from '../../answer/submit.ts'
import { askedFields } from '../../fields/asked-fields.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { sseFormat } from '../format/send-answer.ts'
import { sendSound } from './send-sound.ts'
import { SpeechEvents } from './speech-events.ts'

const name = z.string().min(1).max(MAX_VOICE_LENGTH)

/** As OpenAI has it, and the language, which some engines take. */
export const speechSchema = z.object({
  model: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
  input: z.string().min(1),
  voice: z.union([name, z.object({ id: name })]).nullish(),
  response_format: z.enum(SPEECH_FORMATS).nullish(),
  speed: z.number().min(0.25).max(4).nullish(),
  instructions: z.string().nullish(),
  language: name.nullish(),
  stream_format: z.enum(['audio', 'sse']).nullish(),
})

type SpeechBody = z.infer<typeof speechSchema>

/** The handler, for a gateway's context. */
export function speechRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const body = checkValue(speechSchema, request.body)
    assertTextFits([body.input, body.instructions ?? ''])
    const model = body.model ?? ''
    const asked = { type: 'speak', model, body: toSpeakBody(body) } as const
    const submitted = submit(context, request, reply, asked, speechFields(request.body))
    if (body.stream_format !== 'sse') return await sendSound(reply, submitted)
    return sendStream(
      reply,
      submitted,
      sseFormat(submitted, () => new SpeechEvents()),
      model,
    )
  }
}

/** Some fields mean something else in a chat. */
function speechFields(body: unknown): AskedFields {
  const { carried, dropped } = askedFields(body, speechSchema)
  return { carried: carried.map((field) => (OF_SPEECH.has(field) ? `speech.${field}` : field)), dropped }
}

const OF_SPEECH: ReadonlySet<string> = new Set(['instructions', 'language'])

/** MP3 is what OpenAI's own service answers with where no format is named. */
function toSpeakBody({ input, voice, ...body }: SpeechBody): SpeakBody {
  return {
    text: input,
    format: body.response_format ?? 'mp3',
    ...defined({
      voice: typeof voice === 'string' ? voice : voice?.id,
      speed: body.speed ?? undefined,
      instructions: body.instructions ?? undefined,
      language: body.language ?? undefined,
    }),
  }
}
