/** The whole of realms.yml: the one source of its types, defaults, documentation and JSON Schema. */
import { z } from 'zod'
import { federationName, hostSchema } from './host-schema.ts'
import { nodeSchema } from './node-schema.ts'
import { realmSchema } from './realm-schema.ts'
import { httpUrl, list, realmName } from './schema-parts.ts'
import { shardingSchema } from './sharding-schema.ts'
import { userDataSchema } from './user-data-schema.ts'
import { workerSchema } from './worker-schema.ts'

/** What an empty file means: the three realms that RENT-A-HAL has. */
export const DEFAULT_REALMS = {
  $CHAT: { primary_query_type: 'chat', min_workers: 1, max_workers: 5 },
  $VISION: { primary_query_type: 'vision', min_workers: 1, max_workers: 3 },
  $IMAGINE: { primary_query_type: 'imagine', min_workers: 1, max_workers: 3 },
} as const

const discovery = z
  .strictObject({
    bootstrap_nodes: list(httpUrl)
      .default([])
      .describe(
        'HTTP hosts of other federations, by their addresses alone: as `federation_hosts` with `direction: out`.',
      ),
    advertise_interval: z
      .int()
      .min(10)
      .max(31_536_000)
      .default(3600)
      .describe('Seconds between two announcements of this node, in the DHT and at HTTP hosts.'),
    federation_hops: z
      .int()
      .min(0)
      .max(4)
      .default(0)
      .describe('How often HTTP hosts may hand own queries on to hosts of theirs. 0: they answer themselves.'),
    mock_federation: z
      .boolean()
      .default(false)
      .describe('Puts a simulated host beside the others, which needs no network: for tests and demonstrations.'),
  })
  .prefault({})

export const fileSchema = z.strictObject({
  federation_id: federationName
    .optional()
    .describe('What this federation is called. Default: made from its key once and kept.'),
  federation_callback_url: httpUrl
    .optional()
    .describe('Where HTTP hosts of other federations reach this one: told to those that are asked. Default: none.'),
  realms: z.record(realmName, realmSchema).prefault(DEFAULT_REALMS).describe('The realms, by name.'),
  discovery: discovery.describe('Where and how often this node announces itself.'),
  federation_hosts: list(hostSchema).default([]).describe('HTTP hosts of other federations.'),
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
