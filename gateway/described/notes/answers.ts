/** What answers hold that more than one route gives. Loose: engines and families add fields. */
import { z } from 'zod'
import { BATCH_STATUSES } from '../../../core/batch/user-batch.ts'
import { FINDING_STATES } from '../../../core/model/finding.ts'

const usage = z.looseObject({
  prompt_tokens: z.int(),
  completion_tokens: z.int().optional(),
  total_tokens: z.int(),
})

const choice = z.looseObject({ index: z.int(), finish_reason: z.string().nullable() })

const namedSum = z.looseObject({ name: z.string(), nodes: z.int(), slots: z.int() })

const swarmSample = z.looseObject({
  at: z.number(),
  nodes: z.int(),
  alive: z.int(),
  federations: z.int(),
  slots: z.int(),
  running: z.int(),
})

export const swarmSums = swarmSample.extend({
  version: z.string(),
  network: z.string(),
  realms: z.array(namedSum),
  models: z.array(namedSum),
  versions: z.array(namedSum),
  listed: z.array(z.looseObject({ name: z.string(), contact: z.string(), models: z.array(z.string()) })),
  history: z.array(swarmSample),
})

export const chatCompletion = z.looseObject({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: z.int(),
  model: z.string(),
  choices: z.array(
    choice.extend({ message: z.looseObject({ role: z.literal('assistant'), content: z.string().nullable() }) }),
  ),
  usage: usage.optional(),
})

export const completion = z.looseObject({
  id: z.string(),
  object: z.literal('text_completion'),
  created: z.int(),
  model: z.string(),
  choices: z.array(choice.extend({ text: z.string() })),
  usage: usage.optional(),
})

export const embeddingList = z.looseObject({
  object: z.literal('list'),
  data: z.array(
    z.looseObject({
      object: z.literal('embedding'),
      index: z.int(),
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  model: z.string(),
  usage,
})

export const pictureList = z.looseObject({
  created: z.int(),
  data: z.array(z.looseObject({ url: z.string().optional(), b64_json: z.string().optional() })),
})

/** In Automatic1111's words. */
export const drawnPictures = z.looseObject({
  images: z.array(z.string()),
  parameters: z.looseObject({}),
  info: z.string(),
})

/** What `json` and its longer forms hold; the others are texts. */
export const transcript = z.looseObject({
  text: z.string(),
  language: z.string().optional(),
  duration: z.number().optional(),
  segments: z.array(z.looseObject({ start: z.number(), end: z.number(), text: z.string() })).optional(),
  words: z.array(z.looseObject({ word: z.string(), start: z.number(), end: z.number() })).optional(),
})

const voice = z.looseObject({ id: z.string(), name: z.string() })

export const voiceList = z.object({
  object: z.literal('list'),
  voices: z.array(voice.extend({ models: z.array(z.string()) })),
})

export const speakingModels = z.object({
  object: z.literal('list'),
  models: z.array(z.looseObject({ id: z.string(), object: z.literal('model'), voices: z.array(voice) })),
})

export const openAiModel = z.looseObject({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
})

export const openAiModels = z.looseObject({ object: z.literal('list'), data: z.array(openAiModel) })

export const storedResponse = z.looseObject({
  id: z.string(),
  object: z.literal('response'),
  created_at: z.number(),
  status: z.string(),
  output: z.array(z.looseObject({ type: z.string() })),
})

export const anthropicMessage = z.looseObject({
  id: z.string(),
  type: z.literal('message'),
  role: z.literal('assistant'),
  model: z.string(),
  content: z.array(z.looseObject({ type: z.string() })),
  stop_reason: z.string().nullable(),
  usage: z.looseObject({ input_tokens: z.int(), output_tokens: z.int() }),
})

export const ollamaChatAnswer = z.looseObject({
  model: z.string(),
  created_at: z.string(),
  message: z.looseObject({ role: z.literal('assistant'), content: z.string() }),
  done: z.literal(true),
})

export const ollamaTextAnswer = z.looseObject({
  model: z.string(),
  created_at: z.string(),
  response: z.string(),
  done: z.literal(true),
})

export const ollamaModels = z.looseObject({
  models: z.array(z.looseObject({ name: z.string(), model: z.string() })),
})

export const health = z.object({ status: z.enum(['ok', 'draining']), version: z.string() })

export const wellKnownSchema = z.object({
  realmesh: z.object({ version: z.string() }),
  /** Paths by API family. */
  doors: z.record(z.string(), z.array(z.string())),
  never: z.record(z.string(), z.string()),
  access: z.object({
    /** Whether a program on another machine, or behind a proxy, needs a key: always. On this machine: this. */
    key_needed: z.boolean(),
    carriers: z.array(z.string()),
    tls: z.boolean(),
  }),
  documents: z.object({ openapi: z.string(), page: z.string() }),
  /** Only for those who may ask. */
  node: z
    .object({
      peer_id: z.string(),
      network: z.string(),
      realms: z.array(z.object({ name: z.string(), type: z.string(), workers: z.int(), peers: z.int() })),
    })
    .optional(),
})

export const rankedDocuments = z.looseObject({
  id: z.string(),
  model: z.string(),
  results: z.array(z.looseObject({ index: z.int(), relevance_score: z.number() })),
})

export const toldTokens = z.looseObject({ tokens: z.array(z.unknown()) })

export const keptFile = z.looseObject({
  id: z.string(),
  object: z.literal('file'),
  bytes: z.int(),
  created_at: z.int(),
  expires_at: z.int(),
  filename: z.string(),
  purpose: z.string(),
})

export const keptBatch = z.looseObject({
  id: z.string(),
  object: z.literal('batch'),
  endpoint: z.string(),
  input_file_id: z.string(),
  output_file_id: z.string().nullable(),
  error_file_id: z.string().nullable(),
  status: z.enum(BATCH_STATUSES),
  request_counts: z.object({ total: z.int(), completed: z.int(), failed: z.int() }),
})

/** A page of a list. */
export function listOf(item: z.ZodType): z.ZodType {
  return z.looseObject({ object: z.literal('list'), data: z.array(item), has_more: z.boolean() })
}

/** A realm as RENT-A-HAL lists it; `metrics` is empty until there is something to count. */
export const listedRealms = z.object({
  realms: z.array(
    z.object({
      name: z.string(),
      primary_query_type: z.string(),
      workers: z.int(),
      pools: z.array(z.string()),
      metrics: z.record(z.string(), z.unknown()),
    }),
  ),
})

/** What the doctor found, worst first. */
export const diagnosis = z.looseObject({
  state: z.enum(['fail', 'warn', 'ok']),
  findings: z.array(
    z.looseObject({
      code: z.string(),
      state: z.enum(FINDING_STATES),
      cause: z.string(),
      fix: z.string().optional(),
      facts: z.record(z.string(), z.unknown()),
    }),
  ),
})
