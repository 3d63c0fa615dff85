/**
 * The part of `realms.yml` that says where users' data lies: `database_sharding: { enabled, shards, shard_map }` with the
 * connection strings `level:PATH`, `redis://…` and the older spelling `sqlite:///x.db`, which is read as a LevelDB folder of that name.
 */
import { isAbsolute, join, normalize, sep } from 'node:path'
import { z } from 'zod'
import { RealmeshError } from '../core/realmesh-error.ts'
import { safeFolderName } from './shard-folder.ts'

export interface ShardSpec {
  readonly name: string
  readonly connectionString: string
}

/** Where a connection string leads. */
export type ShardPlace =
  | { readonly kind: 'level'; readonly folder: string }
  /** The URL may hold a password: keep it out of logs and reports. */
  | { readonly kind: 'redis'; readonly url: string }

export interface ShardingConfig {
  readonly shards: readonly ShardSpec[]
  readonly prefixes: ReadonlyMap<string, string>
  /** Things that the operator should know, one line each. */
  readonly notices: readonly string[]
}

/** Stores of a node whose operator says nothing: enough for compactions not to hold each other up, few enough descriptors. */
const DEFAULT_SHARDS = 4

const MAX_SHARDS = 256

const SECTION = z.object({
  enabled: z.boolean().default(false),
  shards: z
    .array(z.object({ name: z.string().min(1).max(64), connection_string: z.string().min(1).max(1024) }))
    .max(MAX_SHARDS)
    .default([]),
  shard_map: z.record(z.string().max(256), z.string()).default({}),
})

/** The stores that a node has when nothing is configured. */
export function defaultSharding(): ShardingConfig {
  const shards = Array.from({ length: DEFAULT_SHARDS }, (_, index) => ({
    name: `shard${index + 1}`,
    connectionString: `level:shard${index + 1}`,
  }))
  return { shards, prefixes: new Map(), notices: [] }
}

function invalid(message: string, fix?: string): RealmeshError {
  return new RealmeshError('CONFIG_INVALID', `database_sharding: ${message}`, fix === undefined ? {} : { fix })
}

/** The folder of a LevelDB shard. Relative paths stay inside `base`; an absolute one is the operator's own choice. */
function levelFolder(path: string, base: string): string {
  if (path === '') throw invalid('level: needs a path')
  if (isAbsolute(path)) return normalize(path)
  const inside = normalize(join(base, path))
  if (!inside.startsWith(normalize(base) + sep))
    throw invalid('a relative path leaves the home', 'give an absolute path')
  return inside
}

/** Reads a connection string; `base` is the folder of the node's shards. Throws `CONFIG_INVALID`. */
export function shardPlace(connectionString: string, base: string): ShardPlace {
  const scheme = connectionString.slice(0, connectionString.indexOf(':') + 1)
  const rest = connectionString.slice(scheme.length)
  if (scheme === 'level:') return { kind: 'level', folder: levelFolder(rest, base) }
  if (scheme === 'sqlite:') {
    const name = rest.replace(/^\/+/, '')
    if (name === '') throw invalid('sqlite: needs a file name')
    return { kind: 'level', folder: join(base, safeFolderName(name.toLowerCase())) }
  }
  if (/^(redis|rediss|valkey|valkeys|redis\+unix):$/.test(scheme)) return { kind: 'redis', url: connectionString }
  throw invalid('a connection_string begins with level:, redis:// or sqlite:///', 'for example level:shard1')
}

function assertDistinct(shards: readonly ShardSpec[], base: string): void {
  const seen = new Set<string>()
  for (const { name, connectionString } of shards) {
    const place = shardPlace(connectionString, base)
    // Some file systems do not tell upper from lower case.
    const where = place.kind === 'level' ? place.folder.toLowerCase() : `${place.url}#${name}`
    if (seen.has(`name ${name}`) || seen.has(where)) throw invalid(`two shards share a name or a place (${name})`)
    seen.add(`name ${name}`)
    seen.add(where)
  }
}

/** Reads the section as YAML gave it (`undefined`: not there). Throws `CONFIG_INVALID`. */
export function parseSharding(section: unknown, base: string): ShardingConfig {
  const parsed = SECTION.safeParse(section ?? {})
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`)
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
    if (!names.has(name)) throw invalid(`shard_map sends ${JSON.stringify(prefix)} to ${name}, which is not a shard`)
  }
  const notices = shards
    .filter(({ connectionString }) => connectionString.startsWith('sqlite:'))
    .map(({ name }) => `shard ${name}: sqlite: is read as a LevelDB folder of that name; no SQLite file is opened`)
  return { shards, prefixes, notices }
}
