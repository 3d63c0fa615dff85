/**
 * The resolved configuration: what every part of the daemon is composed from. All defaults are filled in, names are
 * camelCase, times are milliseconds. Each section's type stands beside its schema, in schema/, together with the step
 * from the one to the other: a new setting is added there and used where it matters.
 */

import type { QueryType } from '../core/query/query.ts'
import type { HostConfig } from './schema/host-schema.ts'
import type { NodeConfig } from './schema/node-schema.ts'
import { defaultRealm, type RealmConfig } from './schema/realm-schema.ts'
import type { DatabaseShardingConfig } from './schema/sharding-schema.ts'
import type { UserDataConfig } from './schema/user-data-schema.ts'
import type { WorkerConfig } from './schema/worker-schema.ts'

export interface RealmeshConfig {
  /** `federation_` and eight hex digits, made once and kept. */
  readonly federationId: string
  /** In the order of the file. */
  readonly realms: readonly RealmConfig[]
  readonly workers: readonly WorkerConfig[]
  /** HTTP hosts of other federations. */
  readonly hosts: readonly HostConfig[]
  /** Where such hosts reach this one; undefined where nobody said. */
  readonly federationCallbackUrl: string | undefined
  readonly discovery: {
    /** Between two announcements of this node, in the DHT and at HTTP hosts. Default 3,600,000. */
    readonly advertiseIntervalMs: number
    /** How often HTTP hosts may hand own queries on. Default 0. */
    readonly federationHops: number
    /** Whether there is a simulated host. Default false. */
    readonly mockFederation: boolean
  }
  readonly databaseSharding: DatabaseShardingConfig
  readonly userData: UserDataConfig
  readonly node: NodeConfig
}

/** Whose queries the chat realm takes where no realm is named for them: engines that chat do these too. */
const BESIDE_CHAT: Readonly<Record<QueryType, boolean>> = {
  chat: false,
  vision: true,
  imagine: false,
  embed: true,
  rerank: true,
  tokens: true,
  transcribe: false,
  speak: false,
}

/**
 * The realm in which queries of `type` begin: the first that names the type as its own. Embeddings, rankings, counts of
 * tokens and pictures in a conversation are served by the chat realm where no realm is named for them. Undefined: this
 * node knows no realm for it.
 */
export function realmForType(config: Pick<RealmeshConfig, 'realms'>, type: QueryType): RealmConfig | undefined {
  const own = config.realms.find((realm) => realm.primaryQueryType === type)
  if (own !== undefined || !BESIDE_CHAT[type]) return own
  return config.realms.find((realm) => realm.primaryQueryType === 'chat')
}

/** Realms that a node has without naming them, for engines that few rigs have: the name, and what begins there. */
const STANDING_REALMS: readonly (readonly [name: string, type: QueryType])[] = [
  ['$HEAR', 'transcribe'],
  ['$SPEAK', 'speak'],
]

/** The names of all realms that stand by unless others are named for their types. */
export const STANDING_REALM_NAMES: readonly string[] = STANDING_REALMS.map(([name]) => name)

/**
 * The realms that stand by beside those of the file, with the defaults of any realm: for types that no realm names.
 * They show once an engine serves them.
 */
export function standingRealms(config: Pick<RealmeshConfig, 'realms'>): readonly RealmConfig[] {
  return STANDING_REALMS.flatMap(([name, type]) => {
    const taken = config.realms.some((realm) => realm.name === name || realm.primaryQueryType === type)
    return taken ? [] : [defaultRealm(name, type)]
  })
}
