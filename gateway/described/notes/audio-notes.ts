/** OpenAI's paths for recordings and speech. */
import { z } from 'zod'
import { speechSchema } from '../../openai/audio/speech-route.ts'
import { transcriptionSchema } from '../../openai/audio/transcription-form.ts'
import { voicesQuery } from '../../openai/audio/voices-route.ts'
import { speakingModels, transcript, voiceList } from './answers.ts'
import type { RouteNote, RouteNotes } from './route-note.ts'

const own = { family: 'openai', access: 'user' } as const

const recording = {
  ...own,
  asks: true,
  form: true,
  body: transcriptionSchema.extend({ file: z.string().meta({ format: 'binary' }) }),
  answer: transcript,
  stream: 'text/event-stream',
} as const satisfies Partial<RouteNote>

export const AUDIO_NOTES: RouteNotes = {
  'POST /v1/audio/transcriptions': { ...recording, summary: 'A recording as text' },
  'POST /v1/audio/translations': { ...recording, summary: 'A recording as text in English' },
  'POST /v1/audio/speech': {
    ...own,
    asks: true,
    summary: 'A text as sound',
    body: speechSchema,
    answerType: 'audio/*',
    stream: 'text/event-stream',
  },
  'GET /v1/audio/voices': {
    ...own,
    summary: 'Every voice within reach',
    query: voicesQuery,
    answer: voiceList,
  },
  'GET /v1/audio/models': {
    ...own,
    summary: 'Every model that speaks, with its voices',
    answer: speakingModels,
  },
}
