/**
 * What the operator does to user data while no daemon runs: restores a backup, and looks whether everything is whole.
 */
import { join } from 'node:path'
import type { RealmeshConfig } from '../../config/config.ts'
import { type Logger, silentLogger } from '../../core/logger.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { systemClock } from '../../core/run/clock.ts'
import { type HomeFolder, prepareHome } from '../../home/home-folder.ts'
import { lockHome } from '../../home/home-lock.ts'
import { type BackupCheck, restore, verifyBackup } from '../../storage/care/restore.ts'
import { checkShard, type ShardCheck } from '../../storage/shards/shard-check.ts'
import { defaultSharding } from '../../storage/shards/sharding-config.ts'
import { diskFiles } from '../../storage/store/store-files.ts'
import { createUserData } from '../compose/user-data.ts'

/** What stands in a backup; see storage/care/restore.ts. */
export type CheckedBackup = BackupCheck

export interface RestoredUserData extends BackupCheck {
  /** The folder to which the data that was there before was moved. */
  readonly replaced: string
}

/** Reads a whole backup. Throws `BACKUP_INVALID` at the first thing that is wrong. */
export async function checkBackup(directory: string): Promise<CheckedBackup> {
  return await verifyBackup(diskFiles, directory)
}

/**
 * Puts a backup in the place of the home's user data, where the configuration has it. Throws `HOME_LOCKED` while a
 * daemon runs, `BACKUP_INVALID`.
 */
export async function restoreUserData(
  { databaseSharding }: Pick<RealmeshConfig, 'databaseSharding'>,
  home: HomeFolder,
  directory: string,
): Promise<RestoredUserData> {
  return await whileStopped(home, async () => {
    const now = systemClock.wall()
    const { shards } = databaseSharding.enabled ? databaseSharding : defaultSharding()
    const check = await restore(diskFiles, { directory, home: home.shardsFolder, shards, now })
    return { ...check, replaced: join(home.shardsFolder, `replaced-${now}`) }
  })
}

/**
 * Opens the home's user data as a start of the daemon would, which finishes what a crash cut off, and reads every
 * record of every store. Throws `HOME_LOCKED` while a daemon runs.
 */
export async function verifyUserData(
  config: Pick<RealmeshConfig, 'databaseSharding' | 'userData'>,
  home: HomeFolder,
  log: Logger = silentLogger,
): Promise<readonly ShardCheck[]> {
  return await whileStopped(home, async () => {
    if (!(await diskFiles.exists(join(home.shardsFolder, 'index')))) throw noUserData(home)
    const data = await createUserData(config, home, { clock: systemClock, log })
    await data.start()
    try {
      const own = data.stores().filter(({ name }) => data.shards.shard(name) === undefined)
      const checks = []
      for (const store of own) checks.push(await checkShard(store, () => true))
      const damaged = data.shards
        .status()
        .flatMap(({ name, problem }) => (problem === undefined ? [] : { name, problem }))
      return [
        ...checks,
        ...(await data.shards.verify()),
        ...damaged.map(({ name, problem }) => ({ shard: name, records: 0, users: 0, strays: 0, findings: [problem] })),
      ]
    } finally {
      await data.stop()
    }
  })
}

async function whileStopped<T>(home: HomeFolder, work: () => Promise<T>): Promise<T> {
  await prepareHome(home)
  const lock = await lockHome(home)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

function noUserData({ shardsFolder }: HomeFolder): RealmeshError {
  return new RealmeshError('USAGE', `there is no user data in ${shardsFolder}`, {
    fix: 'name the home with --home DIR; user data is there after the first start of a node',
  })
}
