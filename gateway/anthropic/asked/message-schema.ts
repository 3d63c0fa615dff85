/**
 * The body of `POST /v1/messages`, and of `count_tokens`: strict about the fields that we know, indifferent to those
 * that we do not, since every client adds some. `null` counts as absent.
 */
import { z } from 'zod'
import { boundedList } from '../../../core/json/bounded-list.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../../core/model/model-name.ts'
import { MAX_STOPS } from '../../../core/query/query-limits.ts'
import { SCOPES } from '../../../core/scope.ts'
import { EFFORTS } from '../../fields/effort.ts'
import { samplingFields } from '../../fields/sampling.ts'
import { MAX_CHAT_MESSAGES, MAX_CHAT_PARTS, MAX_CHAT_TOOLS } from '../../request/limits.ts'

/** Anything with fields; each kind of block and tool is checked by its own schema. */
const anything = z.record(z.string(), z.unknown(), { error: 'expected an object' })

/** Blocks of content, of whatever type. */
export const blocks = boundedList(anything, { max: MAX_CHAT_PARTS })

const content = z.union([z.string(), blocks], { error: 'expected a string or an array of blocks' })

const message = z.object({
  role: z.enum(['user', 'assistant', 'system'], { error: 'expected the role user or assistant' }),
  content,
})

const alone = z.boolean().nullish()
const toolChoice = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.enum(['auto', 'any']), disable_parallel_tool_use: alone }),
    z.object({ type: z.literal('tool'), name: z.string(), disable_parallel_tool_use: alone }),
    z.object({ type: z.literal('none') }),
  ],
  { error: 'expected a choice of type auto, any, tool or none' },
)

const display = z.enum(['summarized', 'omitted']).nullish()
const thinking = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('enabled'), budget_tokens: z.number().int().min(0).nullish(), display }),
    z.object({ type: z.enum(['adaptive', 'between_tools']), display }),
    z.object({ type: z.literal('disabled') }),
  ],
  { error: 'expected thinking of type enabled, adaptive, between_tools or disabled' },
)

/** A schema that the answer must follow, now in `output_config` and before that beside it. */
const format = z.object({
  type: z.literal('json_schema', { error: 'only a format of type json_schema is known' }),
  schema: anything,
})

/** A conversation that the server is to keep. */
const thread = z.discriminatedUnion('type', [
  z.object({ type: z.literal('create') }),
  z.object({ type: z.literal('continue'), previous_message_id: z.string() }),
])

const { stop: _openAi, max_completion_tokens: _newer, ...sampling } = samplingFields

export const messageSchema = z.object({
  model: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
  messages: boundedList(message, { min: 1, max: MAX_CHAT_MESSAGES }),
  system: content.nullish(),
  stream: z.boolean().nullish(),
  tools: boundedList(anything, { max: MAX_CHAT_TOOLS }).nullish(),
  tool_choice: toolChoice.nullish(),
  thinking: thinking.nullish(),
  output_config: z.object({ effort: z.enum(EFFORTS).nullish(), format: format.nullish() }).nullish(),
  output_format: format.nullish(),
  ...sampling,
  stop_sequences: boundedList(z.string(), { max: MAX_STOPS }).nullish(),
  /** Ours: where the query may go, for clients that cannot set headers. The header is stronger. */
  realmesh: z.object({ scope: z.enum(SCOPES, { error: 'use local, home, friends or public' }).nullish() }).nullish(),
  thread: thread.nullish(),
})

export type MessageBody = z.infer<typeof messageSchema>
export type MessageTurn = MessageBody['messages'][number]
/** A block as it was sent. */
export type ContentBlock = Readonly<Record<string, unknown>>
