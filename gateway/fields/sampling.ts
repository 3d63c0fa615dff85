/** Sampling settings, the same in chat and text completions. */
import { z } from 'zod'
import { boundedList } from '../../core/json/bounded-list.ts'
import type { Sampling } from '../../core/query/query.ts'
import { MAX_STOPS, MAX_TOKENS_WANTED } from '../../core/query/query-limits.ts'
import type { Writable } from '../../core/writable.ts'

/** Whole numbers, those too that JSON cannot hold exactly. */
function whole(): z.ZodNumber {
  return z.number().refine(Number.isInteger, 'expected a whole number')
}

/** Tokens wanted; some programs say "no limit" with -1. */
const tokens = whole().min(-1).nullish()
const penalty = z.number().min(-2).max(2).nullish()

/** Fields to spread into a schema. */
export const samplingFields = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.number().int().min(-1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  seed: whole().nullish(),
  stop: z
    .union([z.string(), boundedList(z.string(), { max: MAX_STOPS })], {
      error: `expected a string or up to ${MAX_STOPS} strings`,
    })
    .nullish(),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  frequency_penalty: penalty,
  presence_penalty: penalty,
  repeat_penalty: z.number().min(0).nullish(),
  /** vLLM's word for the same. */
  repetition_penalty: z.number().min(0).nullish(),
}

type SamplingFields = z.infer<z.ZodObject<typeof samplingFields>>

/**
 * Undefined when the client leaves everything to the engine. `words`: what ends the answer, where the API has another
 * name for them. @default those of OpenAI's name
 */
export function toSampling(body: SamplingFields, words = body.stop): Sampling | undefined {
  const sampling: Writable<Sampling> = {}
  const maxTokens = body.max_completion_tokens ?? body.max_tokens
  if (maxTokens != null && maxTokens >= 0) sampling.maxTokens = Math.min(Math.floor(maxTokens), MAX_TOKENS_WANTED)
  if (body.temperature != null) sampling.temperature = body.temperature
  if (body.top_p != null) sampling.topP = body.top_p
  if (body.top_k != null && body.top_k >= 0) sampling.topK = body.top_k
  if (body.min_p != null) sampling.minP = body.min_p
  if (body.seed != null) sampling.seed = seedOf(body.seed)
  // An empty word would end every answer before it begins.
  const stop = (typeof words === 'string' ? [words] : (words ?? [])).filter((word) => word !== '')
  if (stop.length > 0) sampling.stop = stop
  if (body.frequency_penalty != null) sampling.frequencyPenalty = body.frequency_penalty
  if (body.presence_penalty != null) sampling.presencePenalty = body.presence_penalty
  const repeatPenalty = body.repeat_penalty ?? body.repetition_penalty
  if (repeatPenalty != null) sampling.repeatPenalty = repeatPenalty
  for (const _ in sampling) return sampling
  return undefined
}

/** What engines take for a seed everywhere: 31 bits. */
const LARGEST_SEED = 0x7fff_ffff

/**
 * OpenAI's seeds have 64 bits, llama.cpp's 32, and JSON's numbers 53: one that does not fit stands for another that
 * does, always the same.
 */
function seedOf(seed: number): number {
  return Number.isSafeInteger(seed) ? seed : Math.abs(Math.trunc(seed)) % LARGEST_SEED
}
