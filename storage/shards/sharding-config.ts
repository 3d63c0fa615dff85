/**
 * Where users' data lies: the node's shards and their connection strings: `level:PATH`, `redis://…`, and RENT-A-HAL's
 * `sqlite:///x.db`.
 */
import { isAbsolute, join, normalize, sep } from 'node:path'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { safeFolderName } from '../shard/shard-folder.ts'

export interface ShardSpec {
  readonly name: string
  /**
   * `level:FOLDER`, `redis://…` (also `rediss:`, `valkey:`, `valkeys:`, `redis+unix:`), or `sqlite:///NAME`: a LevelDB
   * folder of that name.
   */
  readonly connectionString: string
}

/** Where a connection string leads. */
export type ShardPlace =
  | { readonly kind: 'level'; readonly folder: string }
  /** The URL may hold a password: keep it out of logs and reports. */
  | { readonly kind: 'redis'; readonly url: string }

export interface ShardingConfig {
  /** At least one. */
  readonly shards: readonly ShardSpec[]
  /** Beginning of a GUID to the name of a shard, before the hash decides; the longest one that fits. @default none */
  readonly shardMap?: Readonly<Record<string, string>>
}

/** The node's own store beside the shards: no shard can have its name. */
export const INDEX_STORE = 'index'

/**
 * Stores of a node whose operator says nothing: enough for compactions not to hold each other up, few enough
 * descriptors.
 */
const DEFAULT_SHARDS = 4

/** The stores that a node has when nothing is configured. */
export function defaultSharding(): ShardingConfig {
  const names = Array.from({ length: DEFAULT_SHARDS }, (_, index) => `shard${index + 1}`)
  return { shards: names.map((name) => ({ name, connectionString: `level:${name}` })) }
}

/**
 * Throws `CONFIG_INVALID` for shards that cannot be: two of one name or in one place, a place that cannot be read, a
 * map that leads to none of them. `base` is the folder of the node's shards.
 */
export function assertSharding({ shards, shardMap = {} }: ShardingConfig, base: string): void {
  const seen = new Set<string>()
  for (const spec of shards) {
    assertShardName(spec.name)
    const marks = [`name ${spec.name}`, placeMark(spec, base)]
    if (marks.some((mark) => seen.has(mark))) throw invalidSharding(`two shards share a name or a place (${spec.name})`)
    for (const mark of marks) seen.add(mark)
  }
  for (const [prefix, name] of Object.entries(shardMap)) {
    if (!seen.has(`name ${name}`))
      throw invalidSharding(`shard_map sends ${JSON.stringify(prefix)} to ${name}, which is not a shard`)
  }
}

/** Throws `CONFIG_INVALID` for a name that backups would take for another store. */
export function assertShardName(name: string): void {
  if (name === INDEX_STORE) throw invalidSharding(`a shard cannot be called ${INDEX_STORE}`, 'choose another name')
}

/** Whether the connection string is one of a program that kept SQLite files: only the name in it is used. */
export function isFormerSpelling({ connectionString }: ShardSpec): boolean {
  return connectionString.startsWith('sqlite:')
}

/** Reads a connection string; `base` is the folder of the node's shards. Throws `CONFIG_INVALID`. */
export function shardPlace(connectionString: string, base: string): ShardPlace {
  const scheme = connectionString.slice(0, connectionString.indexOf(':') + 1)
  const rest = connectionString.slice(scheme.length)
  if (scheme === 'level:') return { kind: 'level', folder: levelFolder(rest, base) }
  if (scheme === 'sqlite:') {
    const name = rest.replace(/^\/+/, '')
    if (name === '') throw invalidSharding('sqlite: needs a file name')
    return { kind: 'level', folder: join(base, safeFolderName(name.toLowerCase())) }
  }
  if (/^(redis|rediss|valkey|valkeys|redis\+unix):$/.test(scheme)) return { kind: 'redis', url: connectionString }
  throw invalidSharding('a connection_string begins with level:, redis:// or sqlite:///', 'for example level:shard1')
}

/** Equal for two shards in one place. Some file systems do not tell upper from lower case. */
function placeMark({ name, connectionString }: ShardSpec, base: string): string {
  const place = shardPlace(connectionString, base)
  return place.kind === 'level' ? `folder ${place.folder.toLowerCase()}` : `server ${place.url}#${name}`
}

/** The folder of a LevelDB shard. Relative paths stay inside `base`; an absolute one is the operator's own choice. */
function levelFolder(path: string, base: string): string {
  if (path === '') throw invalidSharding('level: needs a path')
  if (isAbsolute(path)) return normalize(path)
  const inside = normalize(join(base, path))
  if (!inside.startsWith(normalize(base) + sep))
    throw invalidSharding('a relative path leaves the home', 'give an absolute path')
  return inside
}

function invalidSharding(message: string, fix?: string): RealmeshError {
  return new RealmeshError('CONFIG_INVALID', `database_sharding: ${message}`, fix === undefined ? {} : { fix })
}
