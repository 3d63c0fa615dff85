/** `transcribe`: what is said in a recording. There only where a model that hears is within reach. */
import { z } from 'zod'
import { defined } from '../../../core/defined.ts'
import { assertTextFits } from '../../../core/query/prompt-size.ts'
import type { QueryEvent, SegmentEvent } from '../../../core/query/query-event.ts'
import { MAX_VOICE_LENGTH } from '../../../core/query/query-limits.ts'
import { MEDIA_TYPE, type TranscribeBody } from '../../../core/query/sound.ts'
import { recordingFrom } from '../../fields/recording.ts'
import { modelField } from './asked-chat.ts'
import { heardOutput } from './outputs.ts'
import { tool } from './tool.ts'
import { servedBy } from './tool-run.ts'

const input = z.object({
  audio: z.string().min(1).describe('The recording as base64 or as a data: URL. Links are not followed.'),
  media_type: z.string().regex(MEDIA_TYPE).optional().describe('Such as audio/wav or audio/mpeg.'),
  task: z.enum(['transcribe', 'translate']).optional().describe('`translate`: the text is English, whatever is said.'),
  language: z.string().min(1).max(MAX_VOICE_LENGTH).optional().describe('What is spoken, such as `en`.'),
  prompt: z.string().optional().describe('Names and spellings that the recording may hold.'),
  segments: z.boolean().optional().describe('Whether the text comes in pieces with their times, too.'),
  model: modelField,
})

export const transcribeTool = tool({
  name: 'transcribe',
  title: 'Write a recording down',
  description: 'Writes down what is said in a recording, with a speech model of the swarm.',
  input,
  output: heardOutput,
  needs: 'transcribe',
  run: async (given, call) => {
    const { segments = false, model = '' } = given
    const said = new Said()
    const answered = await call.answer({ type: 'transcribe', model, body: toBody(given) }, said)
    const text = said.text.trim()
    return {
      content: [{ type: 'text', text }],
      structured: {
        text,
        ...defined({ language: answered.end?.heard?.language, seconds: answered.end?.heard?.seconds }),
        ...(segments && { segments: said.segments }),
        ...servedBy(answered),
      },
    }
  },
})

/** Throws `BadField` and `PROMPT_TOO_LARGE`. */
function toBody({ audio, media_type, task, language, prompt, segments }: z.infer<typeof input>): TranscribeBody {
  assertTextFits([prompt ?? ''])
  const { bytes, told } = recordingFrom(audio, 'audio')
  const mediaType = media_type ?? (told !== undefined && MEDIA_TYPE.test(told) ? told : 'application/octet-stream')
  return { audio: bytes, mediaType, task: task ?? 'transcribe', ...defined({ language, prompt, segments }) }
}

class Said {
  text = ''
  readonly segments: Pick<SegmentEvent, 'start' | 'end' | 'text' | 'speaker'>[] = []

  add(event: QueryEvent): void {
    if (event.kind === 'text') this.text += event.text
    else if (event.kind === 'segment') {
      const { start, end, text, speaker } = event
      this.segments.push({ start, end, text, ...defined({ speaker }) })
    }
  }
}
