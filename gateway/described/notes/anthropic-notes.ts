/** Anthropic's paths; it shares those of models with OpenAI, by the headers of the request. */
import { messageSchema } from '../../anthropic/asked/message-schema.ts'
import { anthropicMessage } from './answers.ts'
import type { RouteNotes } from './route-note.ts'

export const ANTHROPIC_NOTES: RouteNotes = {
  'POST /v1/messages': {
    ...{ family: 'anthropic', access: 'user', asks: true, stream: 'text/event-stream' },
    ...{ summary: 'An answer to a conversation', body: messageSchema, answer: anthropicMessage },
  },
}
