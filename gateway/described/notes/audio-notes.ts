/** OpenAI's paths for recordings and speech. */
import { z } from 'zod'
import { speechSchema } from '../../openai/audio/speech-route.ts'
import { transcriptionSchema } from '../../openai/audio/transcription-form.ts'
import { voicesQuery } from '../../openai/audio/voices-route.ts'
import type { RouteNote, RouteNotes } from './route-note.ts'

const own = { family: 'openai', access: 'user' } as const

/** What `json` and its longer forms hold; the others are texts. */
const transcript = z.looseObject({
  text: z.string(),
  language: z.string().optional(),
  duration: z.number().optional(),
  segments: z.array(z.looseObject({ start: z.number(), end: z.number(), text: z.string() })).optional(),
  words: z.array(z.looseObject({ word: z.string(), start: z.number(), end: z.number() })).optional(),
})

const voice = z.looseObject({ id: z.string(), name: z.string() })

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
    answer: z.object({ object: z.literal('list'), voices: z.array(voice.extend({ models: z.array(z.string()) })) }),
  },
  'GET /v1/audio/models': {
    ...own,
    summary: 'Every model that speaks, with its voices',
    answer: z.object({
      object: z.literal('list'),
      models: z.array(z.looseObject({ id: z.string(), object: z.literal('model'), voices: z.array(voice) })),
    }),
  },
}
