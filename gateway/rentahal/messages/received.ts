/** What RENT-A-HAL's clients send on their socket, by type. Unknown keys are left out, as in the original. */
import { z } from 'zod'
import { boundedList } from '../../../core/json/bounded-list.ts'
import { valueAt } from '../../../core/json/value-at.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { modelFields, rentAHalQuerySchema } from '../query/query-schema.ts'
import { MAX_UPLOAD_CHUNKS } from '../uploads.ts'

/** Longest id that a client gives to an upload or a query of its own: a time in milliseconds, or a UUID. */
const MAX_REF_LENGTH = 128

/** Longest message of a sysop to everyone: some lines. */
export const MAX_NOTICE_LENGTH = 4_096

/** Longest name of a user, a worker or a model that is looked for. */
const MAX_NAME_LENGTH = 256

const name = z.string().max(MAX_NAME_LENGTH)
const ref = z.string().max(MAX_REF_LENGTH)

/** Features that a client names: some that only later versions know. */
const MAX_FEATURES_WISHED = 64

/** What a client may ask for beyond the original. */
export const FEATURES = ['ids', 'text', 'progress', 'receipts'] as const
export type Feature = (typeof FEATURES)[number]

const nothing = z.looseObject({})
const user = z.looseObject({ user_guid: name })

/** One row for each type of message. */
export const RECEIVED = {
  submit_query: z.looseObject({ query: z.unknown(), ref: ref.optional() }),
  vision_chunk: z.looseObject({
    chunk_id: z
      .int()
      .min(0)
      .max(MAX_UPLOAD_CHUNKS - 1),
    total_chunks: z.int().min(1).max(MAX_UPLOAD_CHUNKS),
    chunk_data: z.string(),
    image_id: z.union([ref, z.number().transform(String)]),
    prompt: z.string(),
    ...modelFields,
    ref: ref.optional(),
  }),
  set_nickname: z.looseObject({ nickname: z.string().max(MAX_NAME_LENGTH) }),
  get_previous_queries: nothing,
  speech_to_text: z.looseObject({ audio: z.string() }),
  text_to_speech: z.looseObject({ text: z.string() }),
  pong: nothing,
  get_stats: nothing,
  add_worker: z.looseObject({ worker: z.looseObject({ name, address: name, type: name }) }),
  remove_worker: z.looseObject({ worker_name: name }),
  add_huggingface_model: z.looseObject({ model: z.looseObject({ name, type: name }) }),
  remove_huggingface_model: z.looseObject({ model_name: name }),
  ban_user: user,
  unban_user: user,
  terminate_query: user,
  sysop_message: z.looseObject({ message: z.string().max(MAX_NOTICE_LENGTH) }),
  hello: z.looseObject({ features: boundedList(z.string().max(MAX_NAME_LENGTH), { max: MAX_FEATURES_WISHED }) }),
  cancel_query: z.looseObject({ query_id: ref }),
} as const

export type ReceivedType = keyof typeof RECEIVED
export type ClientMessage<T extends ReceivedType> = z.output<(typeof RECEIVED)[T]>

/** Whether the text is the type of a message that clients send. */
export function isReceivedType(text: unknown): text is ReceivedType {
  return typeof text === 'string' && Object.hasOwn(RECEIVED, text)
}

/** The message as its row has it. Throws `BAD_REQUEST` in the words of the original: a missing key by its name. */
export function readMessage<T extends ReceivedType>(type: T, message: unknown): ClientMessage<T> {
  const parsed = RECEIVED[type].safeParse(message)
  if (parsed.success) return parsed.data as ClientMessage<T>
  const [issue] = parsed.error.issues
  const path = (issue?.path ?? []).map(String)
  const absent = valueAt(message, path) === undefined
  throw new RealmeshError('BAD_REQUEST', absent ? `'${path.at(-1)}'` : `'${path.join('.')}': ${issue?.message}`)
}

/** The query of a message. Throws `BAD_REQUEST` in the words that clients of the original know. */
export function readQuery(query: unknown): z.output<typeof rentAHalQuerySchema> {
  if (query === undefined) throw new RealmeshError('BAD_REQUEST', `'query'`)
  const parsed = rentAHalQuerySchema.safeParse(query)
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  if (issues.length === 1 && valueAt(query, ['query_type']) === undefined && issues[0]?.path[0] === 'query_type') {
    throw new RealmeshError('BAD_REQUEST', 'Query missing query_type')
  }
  const lines = issues.map(({ path, message }) => `${path.join('.')}\n  ${message}`)
  const errors = `${issues.length} validation error${issues.length === 1 ? '' : 's'} for Query`
  throw new RealmeshError('BAD_REQUEST', [errors, ...lines].join('\n'))
}
