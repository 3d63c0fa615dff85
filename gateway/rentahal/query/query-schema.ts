/** A query in RENT-A-HAL's words, the same over REST and on the socket. Keys that it does not know are left out. */
import { z } from 'zod'
import { MAX_MODEL_NAME_LENGTH } from '../../../core/model/model-name.ts'

/** What a client that names no model type means; its own page sends the same. */
export const ANY_WORKER = 'worker_node'

/** Longest word that stands for a type: theirs have a dozen characters. */
const MAX_TYPE_LENGTH = 64

const type = z.string().max(MAX_TYPE_LENGTH)

/** Who is to answer. The original wants both; programs written to its documents leave them out. */
export const modelFields = {
  model_type: type.default(ANY_WORKER),
  model_name: z.string().max(MAX_MODEL_NAME_LENGTH).default(''),
} as const

export const rentAHalQuerySchema = z.object({
  prompt: z.string(),
  query_type: type,
  ...modelFields,
  /** Base64. */
  image: z.string().nullish(),
  /** Base64 of a recording, WebM as browsers make it. */
  audio: z.string().nullish(),
})

export type RentAHalQuery = z.infer<typeof rentAHalQuerySchema>
