/** The body of `POST /v1/batches`. */
import { z } from 'zod'
import { metadataSchema } from '../responses/asked/response-schema.ts'
import { BATCH_ENDPOINTS } from './lines/line-doors.ts'

const HOUR_MS = 3_600_000

/** The shortest and the longest time that a batch may have, milliseconds: OpenAI knows a day alone. */
const SHORTEST_MS = 60_000
export const LONGEST_WINDOW_MS = 7 * 24 * 3_600_000

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: HOUR_MS, d: 24 * HOUR_MS }

/** `24h` and its like in milliseconds; undefined for what is none. */
export function windowMs(text: string): number | undefined {
  const match = /^(\d{1,5})([mhd])$/.exec(text)
  const ms = Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? Number.NaN)
  return ms >= SHORTEST_MS && ms <= LONGEST_WINDOW_MS ? ms : undefined
}

export const batchSchema = z.object({
  input_file_id: z.string(),
  endpoint: z.string().refine((path) => BATCH_ENDPOINTS.includes(path), {
    error: `expected one of ${BATCH_ENDPOINTS.join(', ')}`,
  }),
  completion_window: z.string().refine((text) => windowMs(text) !== undefined, {
    error: 'expected 24h, or another time from 1m to 7d',
  }),
  metadata: metadataSchema.nullish(),
})

export type BatchBody = z.infer<typeof batchSchema>
