/**
 * Where users' data lies: the node's shards and their connection strings (see parse-sharding.ts for the file they come from): `level:PATH`, `redis://…` and the older spelling `sqlite:///x.db`, which is read as a LevelDB folder of that name.
 */
import { isAbsolute, join, normalize, sep } from 'node:path'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { safeFolderName } from '../shard/shard-folder.ts'

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

/** The stores that a node has when nothing is configured. */
export function defaultSharding(): ShardingConfig {
  const shards = Array.from({ length: DEFAULT_SHARDS }, (_, index) => ({
    name: `shard${index + 1}`,
    connectionString: `level:shard${index + 1}`,
  }))
  return { shards, prefixes: new Map(), notices: [] }
}

/** A section that cannot be used. */
export function invalidSharding(message: string, fix?: string): RealmeshError {
  return new RealmeshError('CONFIG_INVALID', `database_sharding: ${message}`, fix === undefined ? {} : { fix })
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
