/**
 * The body of `POST /v1/chat/completions`: strict about the fields that we know, indifferent to those that we do not,
 * since every client adds some. `null` counts as absent, as OpenAI has it.
 */
import { z } from 'zod'
import { boundedList } from '../../../core/json/bounded-list.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../../core/model/model-name.ts'
import { MAX_TOP_LOGPROBS } from '../../../core/query/logprobs.ts'
import { SCOPES } from '../../../core/scope.ts'
import { MAX_CHOICES } from '../../answer/several.ts'
import { EFFORTS } from '../../fields/effort.ts'
import { samplingFields } from '../../fields/sampling.ts'
import { toolSchema } from '../../fields/tools.ts'
import { MAX_CHAT_MESSAGES, MAX_CHAT_PARTS, MAX_CHAT_TOOLS } from '../../request/limits.ts'

/** What a peer takes for a name. */
const MAX_SPEAKER_LENGTH = 1_024

const text = z.object({ type: z.literal('text'), text: z.string() })
const refusal = z.object({ type: z.literal('refusal'), refusal: z.string() })
const imageUrl = z.object({
  type: z.literal('image_url'),
  image_url: z.union([z.string(), z.object({ url: z.string(), detail: z.string().max(64).nullish() })], {
    error: 'expected { url }',
  }),
})
const part = z.discriminatedUnion('type', [text, imageUrl, refusal], {
  error: 'expected a part of type text or image_url',
})
const content = z.union([z.string(), boundedList(part, { max: MAX_CHAT_PARTS })], {
  error: 'expected a string or an array of parts',
})

/** Thoughts in a history, as the APIs of others give them and programs send them back. */
const thinking = z.object({ type: z.literal('thinking'), thinking: z.string() })
const reasoning = z.object({
  type: z.literal('reasoning'),
  text: z.string().nullish(),
  reasoning: z.string().nullish(),
})
const sealed = z.object({ type: z.literal('redacted_thinking') })
const said = z.union(
  [
    z.string(),
    boundedList(
      z.discriminatedUnion('type', [text, refusal, imageUrl, thinking, reasoning, sealed], {
        error: 'expected a part of type text, refusal or thinking',
      }),
      { max: MAX_CHAT_PARTS },
    ),
  ],
  { error: 'expected a string or an array of parts' },
)

const toolCall = z.object({
  id: z.string().nullish(),
  function: z.object({
    name: z.string(),
    // Text, as OpenAI has it; histories of other APIs hold the object.
    arguments: z.union([z.string(), z.record(z.string(), z.unknown())], { error: 'expected JSON text' }).nullish(),
  }),
})

/** Who speaks, where several do. */
const speaker = z.string().max(MAX_SPEAKER_LENGTH).nullish()

const message = z.discriminatedUnion(
  'role',
  [
    z.object({ role: z.enum(['system', 'developer', 'user']), content, name: speaker }),
    z.object({
      role: z.literal('assistant'),
      content: said.nullish(),
      name: speaker,
      tool_calls: boundedList(toolCall, { max: MAX_CHAT_TOOLS }).nullish(),
      reasoning_content: z.string().nullish(),
      reasoning: z.string().nullish(),
      refusal: z.string().nullish(),
      function_call: z.null({ error: 'send tool_calls instead of function_call' }).optional(),
    }),
    z.object({
      role: z.literal('tool'),
      content: content.nullish(),
      tool_call_id: z.string(),
      name: z.string().nullish(),
    }),
  ],
  { error: 'expected a message of role system, developer, user, assistant or tool' },
)

const toolChoice = z.union(
  [
    z.enum(['auto', 'none', 'required']),
    z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
  ],
  { error: 'expected auto, none, required or a function by name' },
)

const responseFormat = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('text') }),
    z.object({ type: z.literal('json_object') }),
    z.object({
      type: z.literal('json_schema'),
      json_schema: z.object({ name: z.string(), schema: z.unknown().optional(), strict: z.boolean().nullish() }),
    }),
  ],
  { error: 'expected a format of type text, json_object or json_schema' },
)

export const chatSchema = z.object({
  model: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
  messages: boundedList(message, { min: 1, max: MAX_CHAT_MESSAGES }),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  tools: boundedList(toolSchema, { max: MAX_CHAT_TOOLS }).nullish(),
  tool_choice: toolChoice.nullish(),
  response_format: responseFormat.nullish(),
  ...samplingFields,
  reasoning_effort: z.enum(EFFORTS).nullish(),
  n: z.number().int().min(1).max(MAX_CHOICES).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(MAX_TOP_LOGPROBS).nullish(),
  /** Ours: where the query may go, for clients that cannot set headers. The header is stronger. */
  realmesh: z.object({ scope: z.enum(SCOPES, { error: 'use local, home, friends or public' }).nullish() }).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  /** llama-server's older word for a response format. */
  json_schema: z.record(z.string(), z.unknown()).nullish(),
  modalities: z
    .array(z.literal('text', { error: 'text is all that the mesh answers with' }))
    .max(1)
    .nullish(),
  audio: z.null({ error: 'the mesh answers with text' }).optional(),
  web_search_options: z.null({ error: 'no engine of the mesh searches the web' }).optional(),
  function_call: z.null({ error: 'send tool_choice instead of function_call' }).optional(),
  functions: z.null({ error: 'send tools instead of functions' }).optional(),
})

export type ChatCompletionBody = z.infer<typeof chatSchema>
export type ChatCompletionMessage = ChatCompletionBody['messages'][number]
export type ChatCompletionContent = z.infer<typeof said>
