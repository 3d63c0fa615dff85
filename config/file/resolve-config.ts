/** The file's form (snake_case, seconds, texts) to the form that the daemon is composed from. Pure. */
import { resolve } from 'node:path'
import type { FriendConfig, NodeConfig, RealmConfig, RealmeshConfig, UserDataConfig, WorkerConfig } from '../config.ts'
import { parseEngineAddress, parseHostPort, trimUrl } from '../schema/addresses.ts'
import { type ConfigFile, fileSchema } from '../schema/file-schema.ts'
import type { NodeFile } from '../schema/node-schema.ts'
import { parseSchedule } from '../schema/parse-schedule.ts'
import type { RealmFile } from '../schema/realm-schema.ts'
import { parseSize } from '../schema/size.ts'
import type { WorkerFile } from '../schema/worker-schema.ts'

const DEFAULT_PROMPT_BYTES = 2 ** 20

/** Pictures are large; only conversations that hold some may be. */
const DEFAULT_VISION_PROMPT_BYTES = 16 * 2 ** 20

export interface ResolveInit {
  /** Used where the file names none; from the federation's key. */
  readonly federationId: string
  /** What relative paths in the file are relative to: its folder. Default: the current folder. */
  readonly baseFolder?: string
}

/** The configuration that an empty file gives, with `node` changed as told: for tests, benches and programs that embed a node. */
export function defaultConfig(node: Partial<NodeConfig> = {}, federationId = 'federation_00000000'): RealmeshConfig {
  const config = resolveConfig(fileSchema.parse({}), { federationId })
  return { ...config, node: { ...config.node, ...node } }
}

/** `file` has passed the schema and the cross-check. */
export function resolveConfig(file: ConfigFile, init: ResolveInit): RealmeshConfig {
  const federationId = file.federation_id ?? init.federationId
  const base = init.baseFolder ?? '.'
  return {
    federationId,
    federationCallbackUrl: trimUrl(file.federation_callback_url ?? `http://${file.node.http}`),
    realms: Object.entries(file.realms).map(([name, realm]) => resolveRealm(name, realm, file.workers)),
    workers: file.workers.map((worker) => resolveWorker(worker, base)),
    discovery: {
      bootstrapNodes: file.discovery.bootstrap_nodes.map(trimUrl),
      advertiseIntervalMs: file.discovery.advertise_interval * 1000,
    },
    databaseSharding: {
      enabled: file.database_sharding.enabled,
      shards: file.database_sharding.shards.map((shard) => ({
        name: shard.name,
        connectionString: shard.connection_string,
      })),
      shardMap: file.database_sharding.shard_map,
    },
    userData: resolveUserData(file.user_data, base),
    node: resolveNode(file.node, federationId, base),
  }
}

function resolveRealm(name: string, realm: RealmFile, workers: readonly WorkerFile[]): RealmConfig {
  const vision = realm.primary_query_type === 'vision'
  return {
    name,
    primaryQueryType: realm.primary_query_type,
    minWorkers: realm.min_workers,
    maxWorkers: realm.max_workers,
    backupRealms: realm.backup_realms,
    strategy: realm.strategy,
    queue: { maxWaitMs: realm.queue.seconds * 1000, maxLength: realm.queue.length },
    concurrency: realm.concurrency,
    models: realm.models,
    scope: realm.scope,
    limits: {
      promptBytes: bytes(realm.limits.prompt_bytes) ?? (vision ? DEFAULT_VISION_PROMPT_BYTES : DEFAULT_PROMPT_BYTES),
      tokensOut: realm.limits.tokens_out,
      totalMs: realm.limits.seconds * 1000,
    },
    pools: Object.entries(realm.pools).map(([pool, { members, strategy }]) => {
      const joined = workers.filter((worker) => worker.pool === pool).map((worker) => worker.name)
      return { name: pool, members: [...new Set([...members, ...joined])], strategy }
    }),
  }
}

function resolveWorker(worker: WorkerFile, base: string): WorkerConfig {
  const hasKey = worker.key_env !== undefined || worker.key_file !== undefined
  return {
    name: worker.name,
    engine: worker.engine,
    url: trimUrl(worker.url ?? ''),
    realms: worker.realms,
    models: worker.models,
    slots: worker.slots,
    weight: worker.weight,
    schedule: worker.schedule === undefined ? undefined : parseSchedule(worker.schedule),
    idleOnly: worker.idle_only,
    scope: worker.scope ?? (hasKey ? 'local' : undefined),
    pool: worker.pool,
    keyEnv: worker.key_env,
    keyFile: absolute(worker.key_file, base),
    maxTemperature: worker.max_temperature,
    minVramFree: bytes(worker.min_vram_free),
  }
}

function resolveNode(node: NodeFile, federationId: string, base: string): NodeConfig {
  return {
    http: parseHostPort(node.http) ?? { host: '127.0.0.1', port: 0 },
    listen: node.listen,
    bootstrap: node.bootstrap,
    network: node.network,
    mdns: node.mdns,
    privateNetworks: node.private_networks,
    federationKey: absolute(node.federation_key, base),
    federationLabel: node.federation_label ?? federationId,
    scope: node.scope,
    share: node.share,
    friends: node.friends.map(resolveFriend),
    engines: node.engines.flatMap((text) => parseEngineAddress(text) ?? []),
    detect: node.detect,
    builtin: node.builtin,
    logLevel: node.log_level,
    degradedAfterMs: node.degraded_after * 1000,
    apiKeyFile: absolute(node.api_key_file, base),
    allowedOrigins: node.allowed_origins,
  }
}

function resolveUserData(data: ConfigFile['user_data'], base: string): UserDataConfig {
  return {
    history: data.history,
    keepMs: data.keep_days === undefined ? undefined : data.keep_days * 86_400_000,
    keepQueries: data.keep_queries,
    encryptionKey: absolute(data.encryption_key, base),
    reserveBytes: bytes(data.reserve) ?? 0,
  }
}

function resolveFriend(friend: NodeFile['friends'][number]): FriendConfig {
  return {
    peer: friend.peer,
    federation: friend.federation,
    untilMs: friend.until === undefined ? undefined : Date.parse(friend.until),
  }
}

function bytes(size: string | number | undefined): number | undefined {
  return size === undefined ? undefined : parseSize(size)
}

function absolute(path: string | undefined, base: string): string | undefined {
  return path === undefined ? undefined : resolve(base, path)
}
