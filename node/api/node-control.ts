/**
 * What the operator may do with a running node, beside what everyone may ask of it. The admin routes are its only
 * caller outside.
 */

import type { WorkerStatus } from '../../core/model/worker.ts'
import type { BackupReport } from '../../storage/care/backup.ts'
import type { ShardCheck } from '../../storage/shards/shard-check.ts'
import type { ShardSpec } from '../../storage/shards/sharding-config.ts'
import type { UserDataStatus } from '../../storage/user-data.ts'
import type { ExportedUser } from '../../storage/users/export-user.ts'
import type { UserList } from '../../storage/users/list-users.ts'
import type { ErasedUser } from '../../storage/users/user-eraser.ts'

/** What became of a file that was read again: paths such as `realms.$CHAT`, `workers.desk` or `node.scope`. */
export interface ReloadReport {
  /** Changed and in force; a worker too whose key or model file changed behind an unchanged name. */
  readonly applied: readonly string[]
  /** Changed since the start, in force after the next one. */
  readonly restart: readonly string[]
  /** What the configuration wants and cannot have now, one line each, such as a worker whose key cannot be read. */
  readonly problems: readonly string[]
}

export interface NodeControl {
  /**
   * Stops serving other nodes: for `ms`, or until `resume`, over restarts too. Own queries are served, and what runs
   * goes on.
   */
  pause(ms?: number): Promise<void>
  resume(): Promise<void>
  /** Reads the configuration again and applies what can change while the node runs. Throws what is wrong with it. */
  reload(): Promise<ReloadReport>
  readonly workers: WorkerControl
  readonly realms: RealmControl
  readonly shards: ShardControl
  readonly users: UserControl
  /**
   * A consistent copy of all user data in the folder, while the node goes on; incremental when an earlier one is there.
   */
  backup(directory: string): Promise<BackupReport>
}

/** Changes hold until the configuration is read again, at the latest until the node stops: realms.yml is what lasts. */
export interface WorkerControl {
  /** Workers that the node should have and cannot use are listed too, with the reason. */
  list(): readonly WorkerStatus[]
  /**
   * In the file's form, checked here. An engine that was found goes on under the new name and rules. Resolves after the
   * first look at its engine. Throws `BAD_REQUEST`, `CONFIG_INVALID`, `KEY_FILE_LAX`, `KEY_FILE_BAD`.
   */
  add(worker: unknown): Promise<void>
  /**
   * Replaces what is configured under that name. Where the engine, its address or key is another, what runs ends first,
   * within half a minute; else it goes on. Throws as `add` does.
   */
  change(worker: unknown): Promise<void>
  /** Takes nothing new from now on, not the owner's queries either; returns at once, while what runs goes on. */
  drain(name: string): void
  undrain(name: string): void
  /**
   * Its engine is kept out until the next start, or until the configuration names it anew. Resolves when its last query
   * has ended, or was ended after half a minute. Throws `BAD_REQUEST`, `CONFIG_INVALID`.
   */
  remove(name: string): Promise<void>
}

/** Changes hold as long as those of workers do. */
export interface RealmControl {
  /**
   * Adds a realm, or replaces the one of that name, which finishes what it accepted. `realm` is in the file's form,
   * checked here. Throws `BAD_REQUEST`, `CONFIG_INVALID`.
   */
  set(name: string, realm: unknown): Promise<void>
  /** It finishes what it accepted. Throws `REALM_NOT_FOUND`, `CONFIG_INVALID`. */
  remove(name: string): Promise<void>
}

/** The plan of shards is kept in the user data: what is changed here outlasts a restart. */
export interface ShardControl {
  status(): UserDataStatus
  /**
   * Opens another shard and begins to move its share of the users there. Throws `BAD_REQUEST`, `CONFIG_INVALID`,
   * `USAGE`.
   */
  add(shard: ShardSpec): Promise<void>
  /** Begins to move everyone out of a shard. Throws `SHARD_NOT_FOUND`, `USAGE`. */
  drain(name: string): Promise<void>
  /** Begins to spread users over the named shards. @default all, those that were drained too */
  rebalance(names?: readonly string[]): Promise<void>
  /** Puts what the repair of a damaged shard brought back into service, whatever is missing from it. */
  repair(name: string): Promise<void>
  /** Reads every record of every shard. */
  verify(): Promise<readonly ShardCheck[]>
}

/** A GUID is a credential: it must not get into logs, addresses or command lines. */
export interface UserControl {
  /** Who there is, by their last query; of more than a thousand the latest. */
  list(): Promise<UserList>
  /** Everything that is kept of the user. Throws `USER_NOT_FOUND`. */
  export(guid: string): Promise<ExportedUser>
  /** Removes everything that is kept of the user, and looks that nothing is left. Throws `USER_NOT_FOUND`. */
  erase(guid: string): Promise<ErasedUser>
  /** Changes what the user wants kept, from their next query on. Throws `USER_NOT_FOUND`. */
  settings(guid: string, changes: UserSettings): Promise<UserSettings>
}

export interface UserSettings {
  /** Whether prompts and answers are kept. */
  readonly history: boolean
}
