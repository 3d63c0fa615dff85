/** `user_data` of realms.yml, what is kept of users, and how: as it is written, and as the node is composed from it. */
import { z } from 'zod'
import { absolute, bytes, positiveCount, size } from './schema-parts.ts'

/** LevelDB needs about a tenth of it to recover on a full disk. */
const DEFAULT_RESERVE = '64 MB'

/** Credits; the bound keeps sums over millions of queries exact. */
const price = z.number().min(0).max(1_000)

export const userDataSchema = z
  .strictObject({
    history: z
      .boolean()
      .default(false)
      .describe('Whether prompts and answers of new users are kept; each user may have it otherwise.'),
    keep_days: z.number().min(1).max(36_500).optional().describe('Days that a query is kept. Default: for ever.'),
    keep_queries: positiveCount.default(100_000).describe('Most queries kept per user; the oldest go.'),
    cost_per_query: price.default(0.01).describe('Credits that a served query costs, beside those for its time.'),
    cost_per_second: price
      .default(0.001)
      .describe('Credits for each second from the acceptance of a query to its end, waits included.'),
    encryption_key: z
      .string()
      .min(1)
      .optional()
      .describe('File (mode 600) of the key that encrypts kept prompts and answers; made when it is missing.'),
    reserve: size
      .default(DEFAULT_RESERVE)
      .describe('Disk space set aside, which is given up when the disk is full. `0` for none.'),
  })
  .prefault({})

export type UserDataFile = z.output<typeof userDataSchema>

/** What is kept of users, and how. */
export interface UserDataConfig {
  /** Whether prompts and answers of new users are kept. Default false. */
  readonly history: boolean
  /** How long a query is kept; undefined means for ever. */
  readonly keepMs: number | undefined
  /** Most queries kept per user. Default 100,000. */
  readonly keepQueries: number
  /** What served queries cost. */
  readonly prices: {
    /** Credits for each. Default 0.01, as in RENT-A-HAL. */
    readonly perQuery: number
    /** Credits for each second of it. Default 0.001, as in RENT-A-HAL. */
    readonly perSecond: number
  }
  /** File of the key that encrypts kept prompts and answers; undefined means that they are kept in the clear. */
  readonly encryptionKey: string | undefined
  /** Disk space set aside for a full disk. Default 64 MB; 0 for none. */
  readonly reserveBytes: number
}

const MS_PER_DAY = 86_400_000

/** The section of a file that has passed the schema. `base` is what relative paths are relative to. */
export function resolveUserData(data: UserDataFile, base: string): UserDataConfig {
  return {
    history: data.history,
    keepMs: data.keep_days === undefined ? undefined : data.keep_days * MS_PER_DAY,
    keepQueries: data.keep_queries,
    prices: { perQuery: data.cost_per_query, perSecond: data.cost_per_second },
    encryptionKey: absolute(data.encryption_key, base),
    reserveBytes: bytes(data.reserve) ?? 0,
  }
}
