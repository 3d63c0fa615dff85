/**
 * What chat and generate have in common: the format of the answer, thinking, probabilities, and `options`. Most options
 * are the sampling of every family, the rest settings of the table in `core/model/request-fields.ts`.
 */
import { z } from 'zod'
import { boundedList } from '../../../core/json/bounded-list.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../../core/model/model-name.ts'
import { MAX_IMAGES } from '../../../core/query/chat-text.ts'
import { MAX_TOP_LOGPROBS } from '../../../core/query/logprobs.ts'
import type { ChatBody, ResponseFormat } from '../../../core/query/query.ts'
import type { Writable } from '../../../core/writable.ts'
import type { AskedFields } from '../../answer/ignored-fields.ts'
import { askedFields, toSettings } from '../../fields/asked-fields.ts'
import { EFFORTS, thinkOf } from '../../fields/effort.ts'
import { toLogprobs } from '../../fields/logprobs.ts'
import { samplingFields, toSampling } from '../../fields/sampling.ts'

const { max_tokens: _, max_completion_tokens: _new, repetition_penalty: _vllm, ...shared } = samplingFields

const optionFields = {
  ...shared,
  /** Tokens of the answer; -1 and -2 are no limit. */
  num_predict: z.number().int().min(-2).nullish(),
}

/** Fields to spread into a schema. `null` counts as absent. */
export const wishFields = {
  model: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
  stream: z.boolean().nullish(),
  format: z
    .union([z.enum(['json', '']), z.record(z.string(), z.unknown())], { error: 'expected "json" or a JSON schema' })
    .nullish(),
  options: z.looseObject(optionFields).nullish(),
  keep_alive: z.union([z.string(), z.number()]).nullish(),
  think: z
    .union([z.boolean(), z.enum([...EFFORTS, ''])], { error: 'expected true, false, low, medium or high' })
    .nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(MAX_TOP_LOGPROBS).nullish(),
  truncate: z.boolean().nullish(),
  shift: z.boolean().nullish(),
}

/** Base64 without a `data:` prefix, as Ollama has it. */
export const imageList = boundedList(z.string(), { max: MAX_IMAGES })

type Wishes = z.infer<z.ZodObject<typeof wishFields>>
type Wished = Pick<ChatBody, 'responseFormat' | 'think' | 'logprobs' | 'sampling' | 'settings'>

/** Throws `BadField`. */
export function toWishes(body: Wishes): Wished {
  const { options, format, think, keep_alive } = body
  const wished: Writable<Wished> = {}
  if (format) wished.responseFormat = toResponseFormat(format)
  const effort = typeof think === 'string' ? thinkOf(think || null) : (think ?? undefined)
  if (effort !== undefined) wished.think = effort
  const logprobs = toLogprobs(body)
  if (logprobs !== undefined) wished.logprobs = logprobs
  const sampling = toSampling({ ...options, max_tokens: options?.num_predict })
  if (sampling !== undefined) wished.sampling = sampling
  const settings = toSettings({ ...options, keep_alive })
  if (settings !== undefined) wished.settings = settings
  return wished
}

function toResponseFormat(format: 'json' | Readonly<Record<string, unknown>>): ResponseFormat {
  return format === 'json' ? { type: 'json' } : { type: 'json_schema', name: 'answer', schema: format }
}

/** Not to cut a conversation, and not to forget its start, is what the mesh does anyway. */
const NO_WISH_WHEN_FALSE = ['truncate', 'shift'] as const

/** The fields of a body in which the client says something; those of `options` by their own names. */
export function wishedFields(sent: unknown, schema: { readonly shape: object }): AskedFields {
  if (typeof sent !== 'object' || sent === null) return { carried: [], dropped: [] }
  const body: Record<string, unknown> = { ...sent }
  for (const field of NO_WISH_WHEN_FALSE) if (body[field] === false) delete body[field]
  const own = askedFields(body, schema)
  const options = askedFields(body['options'], { shape: optionFields }, { settings: true })
  return {
    carried: [...own.carried, ...options.carried],
    dropped: [...own.dropped, ...options.dropped],
  }
}
