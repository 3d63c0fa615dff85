/** The whole of realms.yml: the one source of its types, defaults, documentation and JSON Schema. */
import { z } from 'zod'
import { nodeSchema } from './node-schema.ts'
import { realmSchema } from './realm-schema.ts'
import { httpUrl, label, list, realmName } from './schema-parts.ts'
import { userDataSchema } from './user-data-schema.ts'
import { workerSchema } from './worker-schema.ts'

/** What an empty file means: the seed's three realms. */
export const DEFAULT_REALMS = {
  $CHAT: { primary_query_type: 'chat', min_workers: 1, max_workers: 5 },
  $VISION: { primary_query_type: 'vision', min_workers: 1, max_workers: 3 },
  $IMAGINE: { primary_query_type: 'imagine', min_workers: 1, max_workers: 3 },
} as const

const discovery = z
  .strictObject({
    bootstrap_nodes: list(httpUrl)
      .default([])
      .describe('HTTP addresses of RENT-A-HAL hosts to exchange services with.'),
    advertise_interval: z
      .int()
      .min(10)
      .max(31_536_000)
      .default(3600)
      .describe('Seconds between two advertisements to them.'),
  })
  .prefault({})

const shard = z.strictObject({
  name: label.describe('Unique name of the shard.'),
  connection_string: z
    .string()
    .regex(
      /^(level:.+|sqlite:\/\/\/.+|(redis|rediss|valkey|valkeys|redis\+unix):\/\/.+)$/,
      'expected the place of a shard such as level:/data/shard1 or sqlite:///shard1.db',
    )
    .describe(
      '`level:FOLDER`; of `sqlite:///NAME.db` only the name is used; `redis://…` for a server that several nodes share.',
    ),
})

const sharding = z
  .strictObject({
    enabled: z.boolean().default(false).describe('Whether user data is spread over several shards.'),
    shards: list(shard).default([]).describe('The shards, in order.'),
    shard_map: z
      .record(z.string().regex(/^.{2}$/u, 'expected the first two characters of a GUID such as "00"'), label)
      .default({})
      .describe('First two characters of a GUID to a shard, before the hash decides. Quote digits: `"00"`.'),
  })
  .prefault({})

export const fileSchema = z.strictObject({
  federation_id: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'expected up to 64 letters, digits, "_", "." or "-" such as federation_12345678')
    .optional()
    .describe('What this federation is called. Default: made from its key once and kept.'),
  federation_callback_url: httpUrl
    .optional()
    .describe("Where RENT-A-HAL hosts reach this one. Default: the gateway's address."),
  realms: z.record(realmName, realmSchema).prefault(DEFAULT_REALMS).describe('The realms, by name.'),
  discovery: discovery.describe("The seed's discovery between HTTP hosts, kept as a bridge."),
  database_sharding: sharding.describe('Where user data lies.'),
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
