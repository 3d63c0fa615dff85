/** `POST /v1/audio/transcriptions` and `/translations`: a recording becomes text, in one piece or while it is heard. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { assertTextFits } from '../../../core/query/prompt-size.ts'
import type { TranscribeBody } from '../../../core/query/sound.ts'
import { sendStream } from '../../answer/stream-answer.ts'
import { submit } from '../../answer/submit.ts'
import { sendWhole } from '../../answer/whole-answer.ts'
import { askedFields } from '../../fields/asked-fields.ts'
import { formOf } from '../../forms/form-routes.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { openAiErrorBody } from '../format/answer-parts.ts'
import { sseFormat } from '../format/send-answer.ts'
import { GatheredTranscript, TEXT_TYPES, transcriptBody } from './transcript-answer.ts'
import { TranscriptEvents } from './transcript-events.ts'
import { readTranscriptionForm, transcriptionSchema } from './transcription-form.ts'

/** The handler, for a gateway's context. */
export function transcriptionRoute(context: GatewayContext, task: TranscribeBody['task']) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const form = formOf(request)
    const asked = readTranscriptionForm(form, task)
    assertTextFits([asked.body.prompt ?? ''])
    const { model, body, format, stream } = asked
    const fields = askedFields(form.fields, transcriptionSchema)
    const submitted = submit(context, request, reply, { type: 'transcribe', model, body }, fields)
    if (stream) {
      const speakers = format === 'diarized_json'
      return sendStream(
        reply,
        submitted,
        sseFormat(submitted, () => new TranscriptEvents({ speakers })),
        model,
      )
    }
    const toBody = (heard: GatheredTranscript): object | string => transcriptBody(heard, asked)
    const textType = TEXT_TYPES[format]
    const whole = { toBody, error: openAiErrorBody, ...(textType !== undefined && { textType }) }
    return sendWhole(reply, submitted, new GatheredTranscript(), whole)
  }
}
