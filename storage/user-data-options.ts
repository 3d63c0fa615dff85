/** What a node gives its user data, and what it may set. */

import type { Logger } from '../core/logger.ts'
import type { Clock } from '../core/run/clock.ts'
import type { Migration } from './care/migrate.ts'
import type { ShardingConfig } from './shards/sharding-config.ts'
import type { TextCipher } from './store/encryption.ts'
import type { LevelShardInit } from './store/level-shard.ts'
import type { ShardStore } from './store/shard-store.ts'
import type { StoreFiles } from './store/store-files.ts'
import type { RetentionPolicy } from './users/retention.ts'
import type { UserStoreInit } from './users/user-store.ts'

export interface UserDataComponents {
  /** @default the machine's clock */
  readonly clock?: Clock
  readonly logger?: Logger
  /** @default the machine's files */
  readonly files?: StoreFiles
  /** Encrypts prompts and answers; see encryption.ts. @default none */
  readonly cipher?: TextCipher
  /** Opens a server's store. @default by the optional package iovalkey */
  readonly connect?: (url: string, name: string) => Promise<ShardStore>
  /** Changes of the layout. @default those of this version */
  readonly migrations?: readonly Migration[]
  /** Makes a store on this machine. @default LevelDB */
  readonly newStore?: (init: LevelShardInit) => ShardStore
}

export interface UserDataInit extends UserStoreInit {
  /** Folder for everything; made when it is missing, 0700. */
  readonly home: string
  /** Relative paths of shards lie under `home`/shards. @default four LevelDB shards */
  readonly sharding?: ShardingConfig
  readonly retention?: RetentionPolicy
  /** Milliseconds between walks of the retention; 0 for none. @default 3600000 */
  readonly retentionEveryMs?: number
  /** Window of the group commit, milliseconds. @default 4 */
  readonly commitWindowMs?: number
  /** How long the record of a query may wait for company, milliseconds. @default 2000 */
  readonly accountingPatienceMs?: number
  /** See disk-guard.ts. @default 268435456 */
  readonly lowDiskBytes?: number
  /** See disk-guard.ts; 0 for none. @default 67108864 */
  readonly reserveBytes?: number
}
