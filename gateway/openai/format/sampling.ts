/** Sampling settings, the same in chat and text completions. */
import { z } from 'zod'
import { boundedList } from '../../../core/json/bounded-list.ts'
import type { Sampling } from '../../../core/query/query.ts'

/** Tokens wanted; some programs say "no limit" with -1. */
const tokens = z.number().int().min(-1).nullish()
const penalty = z.number().min(-2).max(2).nullish()

/** Fields to spread into a schema. */
export const samplingFields = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.number().int().min(-1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  seed: z.number().int().nullish(),
  stop: z
    .union([z.string(), boundedList(z.string(), { max: 16 })], { error: 'expected a string or up to 16 strings' })
    .nullish(),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  frequency_penalty: penalty,
  presence_penalty: penalty,
  repeat_penalty: z.number().min(0).nullish(),
}

type SamplingFields = z.infer<z.ZodObject<typeof samplingFields>>
type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Undefined when the client leaves everything to the engine. */
export function toSampling(body: SamplingFields): Sampling | undefined {
  const sampling: Writable<Sampling> = {}
  const maxTokens = body.max_completion_tokens ?? body.max_tokens
  if (maxTokens != null && maxTokens >= 0) sampling.maxTokens = maxTokens
  if (body.temperature != null) sampling.temperature = body.temperature
  if (body.top_p != null) sampling.topP = body.top_p
  if (body.top_k != null && body.top_k >= 0) sampling.topK = body.top_k
  if (body.min_p != null) sampling.minP = body.min_p
  if (body.seed != null) sampling.seed = body.seed
  if (body.stop != null) sampling.stop = typeof body.stop === 'string' ? [body.stop] : body.stop
  if (body.frequency_penalty != null) sampling.frequencyPenalty = body.frequency_penalty
  if (body.presence_penalty != null) sampling.presencePenalty = body.presence_penalty
  if (body.repeat_penalty != null) sampling.repeatPenalty = body.repeat_penalty
  for (const _ in sampling) return sampling
  return undefined
}
