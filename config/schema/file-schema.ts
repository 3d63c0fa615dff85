/** The whole of realms.yml: the one source of its types, defaults, documentation and JSON Schema. */
import { z } from 'zod'
import { nodeSchema } from './node-schema.ts'
import { realmSchema } from './realm-schema.ts'
import { formed, httpUrl, list, realmName } from './schema-parts.ts'
import { shardingSchema } from './sharding-schema.ts'
import { userDataSchema } from './user-data-schema.ts'
import { workerSchema } from './worker-schema.ts'

/** What an empty file means: the three realms that RENT-A-HAL has. */
export const DEFAULT_REALMS = {
  $CHAT: { primary_query_type: 'chat', min_workers: 1, max_workers: 5 },
  $VISION: { primary_query_type: 'vision', min_workers: 1, max_workers: 3 },
  $IMAGINE: { primary_query_type: 'imagine', min_workers: 1, max_workers: 3 },
} as const

/** A file of RENT-A-HAL is taken as it is; what it says to no use is told when it is read. */
const IDLE = 'Accepted and not used here: nodes find each other by `node.bootstrap`, multicast and the DHT.'

const discovery = z
  .strictObject({
    bootstrap_nodes: list(httpUrl).default([]).describe(`Of RENT-A-HAL, which joins by HTTP. ${IDLE}`),
    advertise_interval: z
      .int()
      .min(10)
      .max(31_536_000)
      .default(3600)
      .describe('Seconds between two announcements of this node in the DHT.'),
  })
  .prefault({})

export const fileSchema = z.strictObject({
  federation_id: formed(/^[A-Za-z0-9_.-]{1,64}$/, 'up to 64 letters, digits, "_", "." or "-"', {
    example: 'federation_12345678',
  })
    .optional()
    .describe('What this federation is called. Default: made from its key once and kept.'),
  federation_callback_url: httpUrl.optional().describe(`Of RENT-A-HAL, which is called back by HTTP. ${IDLE}`),
  realms: z.record(realmName, realmSchema).prefault(DEFAULT_REALMS).describe('The realms, by name.'),
  discovery: discovery.describe('How often this node announces itself.'),
  database_sharding: shardingSchema.describe('Where user data lies.'),
  user_data: userDataSchema.describe('What is kept of users.'),
  workers: list(workerSchema).default([]).describe('Engines with settings of their own.'),
  node: nodeSchema.prefault({}),
})

/** realms.yml with every default filled in. */
export type ConfigFile = z.output<typeof fileSchema>

/** JSON Schema of the file as people write it, for editors and for the documentation. */
export function configJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(fileSchema, { io: 'input', unrepresentable: 'any' })
}
