/** `database_sharding` of realms.yml, where user data lies: as it is written, and as the node is composed from it. */
import { z } from 'zod'
import { formed, label, list } from './schema-parts.ts'

const shard = z.strictObject({
  name: label.describe('Unique name of the shard.'),
  connection_string: formed(
    /^(level:.+|sqlite:\/\/\/.+|(redis|rediss|valkey|valkeys|redis\+unix):\/\/.+)$/,
    'the place of a shard',
    { example: 'level:/data/shard1 or sqlite:///shard1.db' },
  ).describe(
    '`level:FOLDER`; of `sqlite:///NAME.db` only the name is used; `redis://…` for a server that several nodes share.',
  ),
})

export const shardingSchema = z
  .strictObject({
    enabled: z.boolean().default(false).describe('Whether user data is spread over several shards.'),
    shards: list(shard).default([]).describe('The shards, in order.'),
    shard_map: z
      .record(formed(/^.{2}$/u, 'the first two characters of a GUID', { example: '"00"' }), label)
      .default({})
      .describe('First two characters of a GUID to a shard, before the hash decides. Quote digits: `"00"`.'),
  })
  .prefault({})

export type ShardingFile = z.output<typeof shardingSchema>

export interface ShardConfig {
  readonly name: string
  /** `level:FOLDER`, or RENT-A-HAL's `sqlite:///name.db`, of which the name alone is used. */
  readonly connectionString: string
}

/** Where the data of users lies. */
export interface DatabaseShardingConfig {
  readonly enabled: boolean
  readonly shards: readonly ShardConfig[]
  /** First two characters of a user GUID to the name of a shard. */
  readonly shardMap: Readonly<Record<string, string>>
}

/** The section of a file that has passed schema and cross-check. */
export function resolveSharding({ enabled, shards, shard_map }: ShardingFile): DatabaseShardingConfig {
  return {
    enabled,
    shards: shards.map(({ name, connection_string }) => ({ name, connectionString: connection_string })),
    shardMap: shard_map,
  }
}
