/**
 * The body of `POST /v1/responses`: strict about the fields that we know, indifferent to those that we do not. What
 * would change the answer and is not there is refused by name. `null` counts as absent, as OpenAI has it.
 */
import { z } from 'zod'
import { boundedList } from '../../../../core/json/bounded-list.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../../../core/model/model-name.ts'
import { MAX_TOP_LOGPROBS } from '../../../../core/query/logprobs.ts'
import { SCOPES } from '../../../../core/scope.ts'
import { EFFORTS } from '../../../fields/effort.ts'
import { samplingFields } from '../../../fields/sampling.ts'
import { MAX_CHAT_MESSAGES, MAX_CHAT_TOOLS } from '../../../request/limits.ts'

/** Pairs in `metadata`, and the length of a key and of a value: what OpenAI allows. */
export const MAX_METADATA_PAIRS = 16
export const MAX_METADATA_KEY = 64
export const MAX_METADATA_VALUE = 512

/** Longest id of a response: `resp_` and the longest id of a query. */
const LONGEST_RESPONSE_ID = 160

/** Names in `include`: OpenAI has a handful. */
export const MAX_INCLUDES = 32

/** Anything with fields; each kind of item and tool is checked by its own schema. */
const anything = z.record(z.string(), z.unknown(), { error: 'expected an object' })

/** Texts by name, for the client's own use. */
export const metadataSchema = z
  .record(z.string().max(MAX_METADATA_KEY), z.string().max(MAX_METADATA_VALUE), {
    error: 'expected texts by name',
  })
  .refine((pairs) => Object.keys(pairs).length <= MAX_METADATA_PAIRS, `holds more than ${MAX_METADATA_PAIRS} pairs`)

const format = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('text') }),
    z.object({ type: z.literal('json_object') }),
    z.object({
      type: z.literal('json_schema'),
      name: z.string(),
      schema: z.unknown().optional(),
      strict: z.boolean().nullish(),
      description: z.string().nullish(),
    }),
  ],
  { error: 'expected a format of type text, json_object or json_schema' },
)

const toolChoice = z.union(
  [
    z.enum(['auto', 'none', 'required']),
    z.object({ type: z.enum(['function', 'custom']), name: z.string() }),
    z.object({
      type: z.literal('allowed_tools'),
      mode: z.enum(['auto', 'required']),
      tools: boundedList(anything, { max: MAX_CHAT_TOOLS }),
    }),
  ],
  { error: 'expected auto, none, required, a function by name or allowed_tools' },
)

export const responseSchema = z.object({
  model: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
  input: z.union([z.string(), boundedList(anything, { min: 1, max: MAX_CHAT_MESSAGES })], {
    error: 'expected a string or a list of items',
  }),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  store: z.boolean().nullish(),
  metadata: metadataSchema.nullish(),
  tools: boundedList(anything, { max: MAX_CHAT_TOOLS }).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z.object({ format: format.nullish(), verbosity: z.string().max(64).nullish() }).nullish(),
  reasoning: z
    .object({
      effort: z.enum(EFFORTS).nullish(),
      summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
    })
    .nullish(),
  ...samplingFields,
  max_output_tokens: samplingFields.max_tokens,
  top_logprobs: z.number().int().min(0).max(MAX_TOP_LOGPROBS).nullish(),
  include: boundedList(z.string(), { max: MAX_INCLUDES }).nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  /** Ours: where the query may go, for clients that cannot set headers. The header is stronger. */
  realmesh: z.object({ scope: z.enum(SCOPES, { error: 'use local, home, friends or public' }).nullish() }).nullish(),
  background: z.boolean().nullish(),
  previous_response_id: z.string().max(LONGEST_RESPONSE_ID).nullish(),
  conversation: z
    .null({ error: 'conversations are not kept here: send previous_response_id, or the conversation as input' })
    .optional(),
  prompt: z.null({ error: 'prompts are not kept here: send instructions and input' }).optional(),
  context_management: z.null({ error: 'nothing is compacted here: send a shorter input' }).optional(),
})

export type ResponseBody = z.infer<typeof responseSchema>
