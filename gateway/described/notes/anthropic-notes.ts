/** Anthropic's paths; it shares those of models with OpenAI, by the headers of the request. */
import { z } from 'zod'
import { messageSchema } from '../../anthropic/asked/message-schema.ts'
import { anthropicMessage } from './answers.ts'
import type { RouteNotes } from './route-note.ts'

export const ANTHROPIC_NOTES: RouteNotes = {
  'POST /v1/messages': {
    ...{ family: 'anthropic', access: 'user', asks: true, stream: 'text/event-stream' },
    ...{ summary: 'An answer to a conversation', body: messageSchema, answer: anthropicMessage },
  },
  'POST /v1/messages/count_tokens': {
    ...{ family: 'anthropic', access: 'user', asks: true },
    ...{
      summary: 'How many tokens a conversation has',
      body: messageSchema,
      answer: z.looseObject({ input_tokens: z.int() }),
    },
  },
}
