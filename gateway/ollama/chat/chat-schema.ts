/** The body of `POST /api/chat`: strict about the fields that we know, indifferent to those that we do not. */
import { z } from 'zod'
import { boundedList } from '../../../core/json/bounded-list.ts'
import { toolSchema } from '../../fields/tools.ts'
import { MAX_CHAT_MESSAGES, MAX_CHAT_TOOLS } from '../../request/limits.ts'
import { imageList, wishFields } from '../format/wishes.ts'

const toolCall = z.object({
  id: z.string().nullish(),
  function: z.object({
    name: z.string(),
    // An object, as Ollama has it; programs for several APIs hold text.
    arguments: z.union([z.record(z.string(), z.unknown()), z.string()], { error: 'expected an object' }).nullish(),
  }),
})

const message = z.object({
  role: z
    .string()
    .toLowerCase()
    .pipe(
      z.enum(['system', 'developer', 'user', 'assistant', 'tool'], {
        error: 'expected system, user, assistant or tool',
      }),
    ),
  content: z.string().nullish(),
  thinking: z.string().nullish(),
  images: imageList.nullish(),
  tool_calls: boundedList(toolCall, { max: MAX_CHAT_TOOLS }).nullish(),
  tool_name: z.string().nullish(),
  tool_call_id: z.string().nullish(),
})

export const ollamaChatSchema = z.object({
  ...wishFields,
  messages: boundedList(message, { max: MAX_CHAT_MESSAGES }).nullish(),
  tools: boundedList(toolSchema, { max: MAX_CHAT_TOOLS }).nullish(),
})

export type OllamaChatBody = z.infer<typeof ollamaChatSchema>
export type OllamaMessage = NonNullable<OllamaChatBody['messages']>[number]
