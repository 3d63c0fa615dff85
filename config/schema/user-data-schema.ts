/** The section of realms.yml about what is kept of users, and how. */
import { z } from 'zod'
import { positiveCount, size } from './schema-parts.ts'

/** LevelDB needs about a tenth of it to recover on a full disk. */
const DEFAULT_RESERVE = '64 MB'

export const userDataSchema = z
  .strictObject({
    history: z
      .boolean()
      .default(false)
      .describe('Whether prompts and answers of new users are kept; each user may have it otherwise.'),
    keep_days: z.number().min(1).max(36_500).optional().describe('Days that a query is kept. Default: for ever.'),
    keep_queries: positiveCount.default(100_000).describe('Most queries kept per user; the oldest go.'),
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
