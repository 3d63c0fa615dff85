/**
 * The resolved configuration: what every part of the daemon is composed from. All defaults are filled in, names are
 * camelCase, times are milliseconds. Each section's type stands beside its schema, in schema/, together with the step
 * from the one to the other: a new setting is added there and used where it matters.
 */

import type { QueryType } from '../core/query/query.ts'
import type { NodeConfig } from './schema/node-schema.ts'
import type { RealmConfig } from './schema/realm-schema.ts'
import type { DatabaseShardingConfig } from './schema/sharding-schema.ts'
import type { UserDataConfig } from './schema/user-data-schema.ts'
import type { WorkerConfig } from './schema/worker-schema.ts'

export interface RealmeshConfig {
  /** `federation_` and eight hex digits, made once and kept. */
  readonly federationId: string
  /** In the order of the file. */
  readonly realms: readonly RealmConfig[]
  readonly workers: readonly WorkerConfig[]
  readonly discovery: {
    /** Between two announcements of this node in the DHT. Default 3,600,000. */
    readonly advertiseIntervalMs: number
  }
  readonly databaseSharding: DatabaseShardingConfig
  readonly userData: UserDataConfig
  readonly node: NodeConfig
}

/**
 * The realm in which queries of `type` begin: the first that names the type as its own. Embeddings and pictures in a
 * conversation are served by the chat realm where no realm is named for them. Undefined: this node knows no realm for
 * it.
 */
export function realmForType(config: Pick<RealmeshConfig, 'realms'>, type: QueryType): RealmConfig | undefined {
  const own = config.realms.find((realm) => realm.primaryQueryType === type)
  if (own !== undefined || (type !== 'embed' && type !== 'vision')) return own
  return config.realms.find((realm) => realm.primaryQueryType === 'chat')
}
