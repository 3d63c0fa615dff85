/** Reads the part of `realms.yml` that says where users' data lies: `database_sharding: { enabled, shards, shard_map }`. */
import { z } from 'zod'
import { defaultSharding, invalidSharding, type ShardingConfig, type ShardSpec, shardPlace } from './sharding-config.ts'

const MAX_SHARDS = 256

const SECTION = z.object({
  enabled: z.boolean().default(false),
  shards: z
    .array(z.object({ name: z.string().min(1).max(64), connection_string: z.string().min(1).max(1024) }))
    .max(MAX_SHARDS)
    .default([]),
  shard_map: z.record(z.string().max(256), z.string()).default({}),
})

function assertDistinct(shards: readonly ShardSpec[], base: string): void {
  const seen = new Set<string>()
  for (const { name, connectionString } of shards) {
    const place = shardPlace(connectionString, base)
    // Some file systems do not tell upper from lower case.
    const where = place.kind === 'level' ? place.folder.toLowerCase() : `${place.url}#${name}`
    if (seen.has(`name ${name}`) || seen.has(where))
      throw invalidSharding(`two shards share a name or a place (${name})`)
    seen.add(`name ${name}`)
    seen.add(where)
  }
}

/** Reads the section as YAML gave it (`undefined`: not there). Throws `CONFIG_INVALID`. */
export function parseSharding(section: unknown, base: string): ShardingConfig {
  const parsed = SECTION.safeParse(section ?? {})
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw invalidSharding(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`)
  }
  const { enabled, shard_map } = parsed.data
  if (!enabled || parsed.data.shards.length === 0) return defaultSharding()
  const shards = parsed.data.shards.map(({ name, connection_string }) => ({
    name,
    connectionString: connection_string,
  }))
  assertDistinct(shards, base)
  const names = new Set(shards.map(({ name }) => name))
  const prefixes = new Map(Object.entries(shard_map))
  for (const [prefix, name] of prefixes) {
    if (!names.has(name))
      throw invalidSharding(`shard_map sends ${JSON.stringify(prefix)} to ${name}, which is not a shard`)
  }
  const notices = shards
    .filter(({ connectionString }) => connectionString.startsWith('sqlite:'))
    .map(({ name }) => `shard ${name}: sqlite: is read as a LevelDB folder of that name; no SQLite file is opened`)
  return { shards, prefixes, notices }
}
