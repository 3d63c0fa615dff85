/** The room of the users: the store of accounts and history in the home, and the writing down of what queries cost. */

import type { RealmeshConfig } from '../../config/config.ts'
import { defined } from '../../core/defined.ts'
import type { Logger } from '../../core/logger.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import type { HomeFolder } from '../../home/home-folder.ts'
import { loadOrCreateCipherKey } from '../../home/keys/cipher-key.ts'
import { textCipher } from '../../storage/store/encryption.ts'
import { UserData } from '../../storage/user-data.ts'
import { Accounting } from '../query/accounting.ts'
import { BanWatch } from '../users/ban-watch.ts'
import { HouseUsers } from '../users/house-users.ts'
import { RunningQueries } from '../users/running-queries.ts'
import { UserHandles } from '../users/user-handles.ts'
import type { NodeBasics } from './basics.ts'

export interface UserRoom {
  readonly data: UserData
  readonly accounting: Accounting
  readonly users: HouseUsers
  readonly running: RunningQueries
  /** In the order of their start. */
  readonly parts: readonly Startable[]
}

/** Throws as `createUserData` does. */
export async function composeUserData({ config, home, keys, clock, log }: NodeBasics): Promise<UserRoom> {
  const data = await createUserData(config(), home, { clock, log })
  const { prices } = config().userData
  const accounting = new Accounting({ data, clock, log }, { self: keys.peerId, prices })
  const running = new RunningQueries()
  const handles = new UserHandles(keys.privateKey.raw)
  const watch = new BanWatch({ data, running, clock, look: (user) => users.follow(user) })
  const users = new HouseUsers(
    { data, handles, running, watch, caughtUp: (user) => accounting.caughtUp(user) },
    { prices },
  )
  // The last accounts are written before their store closes.
  return {
    data,
    accounting,
    users,
    running,
    parts: [data, { start: async () => {}, stop: () => accounting.settled() }, watch],
  }
}

export interface CreateUserDataComponents {
  readonly clock: Clock
  readonly log: Logger
}

/** Makes the store; it is opened by its `start()`. Throws `CONFIG_INVALID`, `KEY_FILE_LAX` or `KEY_FILE_BAD`. */
export async function createUserData(
  config: Pick<RealmeshConfig, 'databaseSharding' | 'userData'>,
  home: Pick<HomeFolder, 'shardsFolder'>,
  { clock, log }: CreateUserDataComponents,
): Promise<UserData> {
  const { enabled, shards, shardMap } = config.databaseSharding
  const { history, keepMs, keepQueries, encryptionKey, reserveBytes } = config.userData
  const cipher = encryptionKey === undefined ? undefined : textCipher(await loadOrCreateCipherKey(encryptionKey))
  return new UserData(
    { clock, logger: log, ...defined({ cipher }) },
    {
      home: home.shardsFolder,
      ...(enabled ? { sharding: { shards, shardMap } } : {}),
      historyByDefault: history,
      retention: { maxQueries: keepQueries, ...defined({ maxAgeMs: keepMs }) },
      reserveBytes,
    },
  )
}
