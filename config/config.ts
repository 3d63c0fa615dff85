/**
 * The resolved configuration: what every part of the daemon is composed from. All defaults are filled in, names are camelCase,
 * times are milliseconds. The file's own form (snake_case, seconds) is in schema.ts; nothing but the loader knows it.
 */

import type { NamedEngineKind } from '../core/model/engine-kind.ts'
import type { Schedule } from '../core/model/schedule.ts'
import type { Strategy } from '../core/model/strategy.ts'
import type { QueryType } from '../core/query/query.ts'
import type { Scope } from '../core/scope.ts'

/** What the log tells, most important first. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface RealmLimits {
  /** Largest prompt with everything in it, images included. Default 1 MiB; 16 MiB for vision. */
  readonly promptBytes: number
  /** Most tokens of one answer; undefined leaves it to the engine. */
  readonly tokensOut: number | undefined
  /** Longest time for one query, from the first try to its end. Default 600,000. */
  readonly totalMs: number
}

export interface RealmModels {
  /** Patterns (`*` matches any characters) of models that the realm serves; empty allows all. */
  readonly allow: readonly string[]
  /** Patterns of models that it never serves; stronger than `allow`. */
  readonly deny: readonly string[]
  /** Name that people ask for, to the name that engines know. */
  readonly aliases: Readonly<Record<string, string>>
}

export interface PoolConfig {
  readonly name: string
  /** Names of workers; those that name the pool themselves are included. */
  readonly members: readonly string[]
  readonly strategy: Strategy
}

export interface RealmConfig {
  /** Such as `$CHAT`. */
  readonly name: string
  readonly primaryQueryType: QueryType
  /** Below this many healthy workers the realm says that it is not well. */
  readonly minWorkers: number
  /** No more workers than this are taken into the realm. */
  readonly maxWorkers: number
  /** Realms that serve when this one has no healthy worker, in order. */
  readonly backupRealms: readonly string[]
  /** Default `health`, the seed's. */
  readonly strategy: Strategy
  readonly queue: {
    /** Longest estimated wait that is accepted; above it the query is refused at the door. Default 30,000. */
    readonly maxWaitMs: number
    /** Most queries that wait. Default 512. */
    readonly maxLength: number
  }
  /** Most queries that run at once; undefined means the sum of the workers' slots. */
  readonly concurrency: number | undefined
  readonly models: RealmModels
  /** The widest way that a query of this realm may go; undefined means the node's own scope. */
  readonly scope: Scope | undefined
  readonly limits: RealmLimits
  readonly pools: readonly PoolConfig[]
}

export interface WorkerConfig {
  readonly name: string
  readonly engine: NamedEngineKind
  /** Base URL without a trailing slash; empty means the usual address of a cloud engine. */
  readonly url: string
  /** Realms that it works for; empty means those that its models fit. */
  readonly realms: readonly string[]
  /** Patterns of the models that are used; empty means all that the engine has. */
  readonly models: readonly string[]
  /** Queries at once; undefined means what the engine says. */
  readonly slots: number | undefined
  /** Preference among equals. Default 1. */
  readonly weight: number
  /** Hours during which it serves other nodes; undefined means always. */
  readonly schedule: Schedule | undefined
  /** Takes queries of others only while no other process uses the GPU. Default false. */
  readonly idleOnly: boolean
  /** Whose queries it may serve; undefined means the node's `share`, and `local` for a worker with a key. */
  readonly scope: Scope | undefined
  readonly pool: string | undefined
  /** Name of the environment variable that holds the engine's key. */
  readonly keyEnv: string | undefined
  /** File (mode 0600) that holds the engine's key. */
  readonly keyFile: string | undefined
  /** Degrees Celsius above which it takes no queries. */
  readonly maxTemperature: number | undefined
  /** Bytes of GPU memory that must be free. */
  readonly minVramFree: number | undefined
}

/** An engine named on the command line or in `node.engines`, before it is a worker with a name. */
export interface EngineAddress {
  readonly kind: NamedEngineKind
  readonly url: string
}

/** A peer or a whole federation whose queries we may serve, and whom we may ask, at scope `friends`. */
export interface FriendConfig {
  /** Peer id; exactly one of `peer` and `federation` is set. */
  readonly peer: string | undefined
  /** Federation id as its cards prove it. */
  readonly federation: string | undefined
  /** Wall clock after which the friendship ends, milliseconds since the epoch. */
  readonly untilMs: number | undefined
}

export interface NodeConfig {
  /** Where the gateway listens. Default `127.0.0.1:5000`; port 0 means any free port. */
  readonly http: { readonly host: string; readonly port: number }
  /** Multiaddrs. Default `/ip4/0.0.0.0/tcp/4501`. */
  readonly listen: readonly string[]
  /** Multiaddrs of nodes to join through; the shipped `bootstrap.json` is added by the composition. */
  readonly bootstrap: readonly string[]
  /** The swarm's name. Default `main`. */
  readonly network: string
  /** Whether nodes in the same local network are found by multicast. Default true. */
  readonly mdns: boolean
  /** Private networks, as CIDR, in which peers that others name are dialled too, beside the own subnets. */
  readonly privateNetworks: readonly string[]
  /** File of the federation's private key; undefined means the one in the home folder. */
  readonly federationKey: string | undefined
  /** What people call the federation; proves nothing. Default: the federation id. */
  readonly federationLabel: string
  /** Where own queries go. Default `home`. */
  readonly scope: Scope
  /** Whose queries the workers serve. Default `home`. */
  readonly share: Scope
  readonly friends: readonly FriendConfig[]
  readonly engines: readonly EngineAddress[]
  /** Whether engines on this machine are looked for. Default true. */
  readonly detect: boolean
  /** Whether the built-in engines answer where no real engine does. Default true. */
  readonly builtin: boolean
  /** Default `info`. */
  readonly logLevel: LogLevel
  /** How long the node may live on others' capacity before it tells its operator. Default 300,000. */
  readonly degradedAfterMs: number
  /** File of hashed API keys; undefined means the one in the home folder. */
  readonly apiKeyFile: string | undefined
  /** Origins of web pages, beside our own, that may call the gateway. */
  readonly allowedOrigins: readonly string[]
}

export interface ShardConfig {
  readonly name: string
  /** `level:FOLDER`, or the seed's `sqlite:///name.db`, whose name alone is used. */
  readonly connectionString: string
}

/** What is kept of users, and how. */
export interface UserDataConfig {
  /** Whether prompts and answers of new users are kept. Default false. */
  readonly history: boolean
  /** How long a query is kept; undefined means for ever. */
  readonly keepMs: number | undefined
  /** Most queries kept per user. Default 100,000. */
  readonly keepQueries: number
  /** File of the key that encrypts kept prompts and answers; undefined means that they are kept in the clear. */
  readonly encryptionKey: string | undefined
  /** Disk space set aside for a full disk. Default 64 MB; 0 for none. */
  readonly reserveBytes: number
}

export interface RealmeshConfig {
  /** `federation_` and eight hex digits, made once and kept. */
  readonly federationId: string
  /** Where RENT-A-HAL hosts reach this one by HTTP. Default: the gateway's address. */
  readonly federationCallbackUrl: string
  /** In the order of the file. */
  readonly realms: readonly RealmConfig[]
  readonly workers: readonly WorkerConfig[]
  readonly discovery: {
    /** HTTP addresses of RENT-A-HAL hosts: the seed's discovery, kept as a bridge. */
    readonly bootstrapNodes: readonly string[]
    /** Default 3,600,000. */
    readonly advertiseIntervalMs: number
  }
  readonly databaseSharding: {
    readonly enabled: boolean
    readonly shards: readonly ShardConfig[]
    /** First two characters of a user GUID to the name of a shard. */
    readonly shardMap: Readonly<Record<string, string>>
  }
  readonly userData: UserDataConfig
  readonly node: NodeConfig
}

/**
 * The realm in which queries of `type` begin: the first that names the type as its own. Embeddings and pictures in a conversation
 * are served by the chat realm where no realm is named for them. Undefined: this node knows no realm for it.
 */
export function realmForType(config: Pick<RealmeshConfig, 'realms'>, type: QueryType): RealmConfig | undefined {
  const own = config.realms.find((realm) => realm.primaryQueryType === type)
  if (own !== undefined || (type !== 'embed' && type !== 'vision')) return own
  return config.realms.find((realm) => realm.primaryQueryType === 'chat')
}
