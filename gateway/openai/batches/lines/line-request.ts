/** One line of a batch: what it asks, under the name by which its author finds the answer. */
import { z } from 'zod'
import { BadField, checkValue } from '../../../../core/check-value.ts'

/** Longest `custom_id`, characters: OpenAI names no bound; programs use numbers and UUIDs. */
export const MAX_CUSTOM_ID = 512

const lineSchema = z.object({
  custom_id: z.string().min(1).max(MAX_CUSTOM_ID),
  method: z.literal('POST', { error: 'expected POST' }),
  url: z.string(),
  body: z.record(z.string(), z.unknown(), { error: 'expected an object' }),
})

export type LineRequest = z.infer<typeof lineSchema>

/** Throws `BadField` for what is no line of a batch. */
export function lineRequest(value: unknown): LineRequest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadField('line', 'expected an object')
  }
  return checkValue(lineSchema, value)
}
