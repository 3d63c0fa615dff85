/**
 * A node's user data: what the rest of the daemon sees of this folder. GUIDs are credentials: nothing in here logs one.
 */

import { join } from 'node:path'
import { defined } from '../core/defined.ts'
import { type Logger, silentLogger } from '../core/logger.ts'
import { RealmeshError } from '../core/realmesh-error.ts'
import { type Clock, systemClock } from '../core/run/clock.ts'
import { type Startable, stopAll } from '../core/run/startable.ts'
import { type BackupReport, backup } from './care/backup.ts'
import type { HouseLedger } from './index/house-ledger.ts'
import type { Account } from './rows/account.ts'
import { userRef } from './rows/keys.ts'
import type { FinishedQuery, QueryWithText } from './rows/query-row.ts'
import type { Shard } from './shard/shard.ts'
import type { DatabaseShardManager, RebalanceStatus } from './shards/database-shard-manager.ts'
import type { ShardStatus } from './shards/shard-status.ts'
import { assertSharding } from './shards/sharding-config.ts'
import { storageError } from './store/store-error.ts'
import { diskFiles, type StoreFiles } from './store/store-files.ts'
import { UserDataOpener, type UserDataParts } from './user-data-opener.ts'
import type { UserDataComponents, UserDataInit } from './user-data-options.ts'
import type { BatchLedger } from './users/batch-ledger.ts'
import { type ExportedUser, exportUser } from './users/export-user.ts'
import type { FileShelf } from './users/file-shelf.ts'
import { listUsers, type UserList } from './users/list-users.ts'
import type { HistoryPage, QueryHistory } from './users/query-history.ts'
import type { ResponseShelf } from './users/response-shelf.ts'
import type { Retention } from './users/retention.ts'
import type { ErasedUser } from './users/user-eraser.ts'
import type { UserStore } from './users/user-store.ts'

export interface UserDataStatus {
  readonly shards: readonly ShardStatus[]
  readonly rebalance?: RebalanceStatus
  /** Things that the operator should know, one line each. */
  readonly warnings: readonly string[]
}

const RETENTION_EVERY_MS = 3_600_000

/** Different problems kept for the status. */
const MAX_PROBLEMS = 50

export class UserData implements Startable {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #files: StoreFiles
  readonly #components: UserDataComponents
  readonly #init: UserDataInit
  readonly #problems = new Map<string, number>()
  #parts: UserDataParts | undefined
  readonly #opened = Promise.withResolvers<void>()
  #stopping = new AbortController()
  #trimming: Promise<void> = Promise.resolve()
  #cancelRetention: (() => void) | undefined

  /** Throws `CONFIG_INVALID` for shards that cannot be. */
  constructor(components: UserDataComponents, init: UserDataInit) {
    if (init.sharding !== undefined) assertSharding(init.sharding, join(init.home, 'shards'))
    this.#clock = components.clock ?? systemClock
    this.#logger = components.logger ?? silentLogger
    this.#files = components.files ?? diskFiles
    this.#components = components
    this.#init = init
  }

  /**
   * Throws `STORAGE_LOCKED` when another daemon has the home open. A damaged shard is a matter of `status`, not of
   * failing.
   */
  async start(): Promise<void> {
    if (this.#parts !== undefined) return
    this.#stopping = new AbortController()
    this.#parts = await new UserDataOpener(
      {
        ...this.#components,
        clock: this.#clock,
        logger: this.#logger,
        files: this.#files,
        onProblem: (problem) => {
          this.#noteProblem(problem)
        },
      },
      this.#init,
    ).open()
    this.#opened.resolve()
    this.#scheduleRetention()
  }

  /** Resolves once it was opened. */
  get opened(): Promise<void> {
    return this.#opened.promise
  }

  /** Settles what waits, then closes. */
  async stop(): Promise<void> {
    const parts = this.#parts
    if (parts === undefined) return
    this.#stopping.abort()
    this.#cancelRetention?.()
    await this.#trimming
    this.#parts = undefined
    try {
      const ledger = { start: async () => {}, stop: () => parts.ledger.stop() }
      await stopAll([parts.index.shard, ledger, parts.shards, parts.guard])
    } catch (cause) {
      throw storageError(cause, 'the user data')
    }
  }

  get users(): UserStore {
    return this.#running.users
  }

  get history(): QueryHistory {
    return this.#running.history
  }

  get responses(): ResponseShelf {
    return this.#running.responses
  }

  get files(): FileShelf {
    return this.#running.files
  }

  get batches(): BatchLedger {
    return this.#running.batches
  }

  get shards(): DatabaseShardManager {
    return this.#running.shards
  }

  get ledger(): HouseLedger {
    return this.#running.ledger
  }

  get retention(): Retention {
    return this.#running.retention
  }

  /** Whether the user is shut out, from memory; nobody is before it was opened. */
  isBanned(guid: string): boolean {
    return this.#parts?.users.isBanned(guid) ?? false
  }

  /** Whether other nodes may change the user's account too; not while their shard is not in service. */
  isShared(guid: string): boolean {
    const shards = this.#parts?.shards
    return shards?.shard(shards.placeOf(userRef(guid)))?.shared ?? false
  }

  /** The user's account, made at first sight. */
  user(guid: string, nickname?: string): Promise<Account> {
    return this.users.getOrCreate(guid, nickname)
  }

  /**
   * Notes and charges a finished query; resolves, once it is safe, with whether it was new. Cheap: many are folded into
   * one commit. The caller need not wait, but must handle the rejection (`STORAGE_FULL`, `STORAGE_DAMAGED`,
   * `USER_NOT_FOUND`).
   */
  recordQuery(guid: string, query: FinishedQuery): Promise<boolean> {
    return this.history.record(userRef(guid), query)
  }

  /** Resolves when what was recorded of the user's queries is safe, and in the account. */
  settled(guid: string): Promise<void> {
    return this.history.settled(userRef(guid))
  }

  /** The user's queries, newest first. */
  queries(guid: string, page?: HistoryPage): Promise<readonly QueryWithText[]> {
    return this.history.list(userRef(guid), page)
  }

  /** Who the users are, by their last query. What was recorded before the call counts. */
  async listUsers(): Promise<UserList> {
    await this.flush()
    return await listUsers(this.users)
  }

  /** Everything of a user as JSON. Throws `USER_NOT_FOUND`. */
  export(guid: string): Promise<ExportedUser> {
    return exportUser(this.#running, guid, this.#clock.wall())
  }

  /** Removes everything of a user from this node, and looks that nothing is left. Throws `USER_NOT_FOUND`. */
  erase(guid: string): Promise<ErasedUser> {
    return this.#running.eraser.erase(guid)
  }

  /** Resolves when everything recorded before is settled: what waits for company goes to the disk now. */
  async flush(): Promise<void> {
    await Promise.all(this.stores().map((store) => store.flush()))
    await this.ledger.flush()
  }

  /** Every store in service: the index and the shards. */
  stores(): readonly Shard[] {
    const { index, shards } = this.#running
    return [index.shard, ...shards.shards()]
  }

  /**
   * A consistent backup of all stores in service, while the node goes on; incremental when the folder holds an earlier
   * one.
   */
  async backup(directory: string): Promise<BackupReport> {
    await this.flush()
    return await backup(this.#files, this.stores(), { directory, shards: this.shards.specs(), now: this.#clock.wall() })
  }

  /** Looks at the disk now: writing stops or resumes by what is free. It also looks by itself every few seconds. */
  checkDisk(): Promise<void> {
    return this.#running.guard.check()
  }

  /** Harmless before the start and after the stop: there is nothing to tell then. */
  status(): UserDataStatus {
    if (this.#parts === undefined) return { shards: [], warnings: [] }
    const { shards } = this.#parts
    const rebalance = shards.rebalanceStatus()
    const list = shards.status()
    const warnings = list.flatMap(({ name, problem }) => (problem === undefined ? [] : [`shard ${name}: ${problem}`]))
    for (const [message, times] of this.#problems) warnings.push(times === 1 ? message : `${message} (${times} times)`)
    return { shards: list, warnings, ...defined({ rebalance }) }
  }

  get #running(): UserDataParts {
    if (this.#parts === undefined) throw new RealmeshError('STORAGE_CLOSED', 'the user data is closed')
    return this.#parts
  }

  #noteProblem(problem: RealmeshError): void {
    const times = this.#problems.get(problem.message) ?? 0
    if (this.#problems.size < MAX_PROBLEMS || times > 0) this.#problems.set(problem.message, times + 1)
    if (times === 0) this.#logger.error({ code: problem.code }, problem.message)
  }

  #scheduleRetention(): void {
    const everyMs = this.#init.retentionEveryMs ?? RETENTION_EVERY_MS
    if (everyMs === 0 || this.#stopping.signal.aborted) return
    this.#cancelRetention = this.#clock.after(everyMs, () => {
      this.#trimming = this.#trim().then(() => {
        this.#scheduleRetention()
      })
    })
  }

  async #trim(): Promise<void> {
    try {
      const removed = await this.retention.run(this.#stopping.signal)
      this.#logger.info({ removed }, 'retention ran')
    } catch (cause) {
      this.#logger.warn({ reason: String(cause) }, 'retention stopped early')
    }
  }
}
