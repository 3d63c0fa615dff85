/**
 * Opens everything under a node's home in order: the disk guard, the index, the shards; then finishes what a crash cut
 * off. A node cannot serve without its index, so what a repair brought back of it has to do, and is reported.
 */

import { join } from 'node:path'
import { defined } from '../core/defined.ts'
import type { Logger } from '../core/logger.ts'
import { RealmeshError } from '../core/realmesh-error.ts'
import type { Clock } from '../core/run/clock.ts'
import { stopAll } from '../core/run/startable.ts'
import { backup } from './care/backup.ts'
import { DiskGuard } from './care/disk-guard.ts'
import { type MigrationReport, migrate } from './care/migrate.ts'
import { MIGRATIONS } from './care/migrations.ts'
import { FORMER_STORE } from './care/restore-place.ts'
import { CrossShardIndex } from './index/cross-shard-index.ts'
import { HouseLedger } from './index/house-ledger.ts'
import { rebuildIndex } from './index/rebuild-index.ts'
import { userRef } from './rows/keys.ts'
import type { FinishedQuery } from './rows/query-row.ts'
import type { OpenedShard } from './shard/level-shard-opener.ts'
import type { Shard } from './shard/shard.ts'
import { safeFolderName } from './shard/shard-folder.ts'
import type { DamageReport } from './shard/shard-notes.ts'
import { DatabaseShardManager } from './shards/database-shard-manager.ts'
import { ShardOpening } from './shards/shard-opening.ts'
import {
  defaultSharding,
  INDEX_STORE,
  isFormerSpelling,
  type ShardingConfig,
  type ShardSpec,
} from './shards/sharding-config.ts'
import { UserGate } from './shards/user-gate.ts'
import { storageError } from './store/store-error.ts'
import type { StoreFiles } from './store/store-files.ts'
import type { UserDataComponents, UserDataInit } from './user-data-options.ts'
import { BatchLedger } from './users/batch-ledger.ts'
import { FileShelf } from './users/file-shelf.ts'
import { QueryHistory } from './users/query-history.ts'
import { ResponseShelf } from './users/response-shelf.ts'
import { Retention } from './users/retention.ts'
import { UserEraser } from './users/user-eraser.ts'
import { UserStore } from './users/user-store.ts'

export interface UserDataParts {
  readonly index: CrossShardIndex
  readonly shards: DatabaseShardManager
  readonly guard: DiskGuard
  readonly users: UserStore
  readonly history: QueryHistory
  readonly responses: ResponseShelf
  readonly files: FileShelf
  readonly batches: BatchLedger
  readonly retention: Retention
  readonly eraser: UserEraser
  readonly ledger: HouseLedger
}

export interface OpenUserDataComponents extends UserDataComponents {
  readonly clock: Clock
  readonly logger: Logger
  readonly files: StoreFiles
  /** Told of every problem that does not end the opening. */
  readonly onProblem: (problem: RealmeshError) => void
}

type Opening = Pick<ShardOpening, 'open' | 'acceptRepair'>

export class UserDataOpener {
  readonly #to: OpenUserDataComponents
  readonly #init: UserDataInit
  /** What is open, to be closed when the rest does not open. */
  readonly #own: Shard[] = []
  #shards: DatabaseShardManager | undefined
  readonly #guard: DiskGuard

  constructor(components: OpenUserDataComponents, init: UserDataInit) {
    this.#to = components
    this.#init = init
    this.#guard = this.#newGuard()
  }

  /** Throws `STORAGE_LOCKED`, `STORAGE_FULL`, `STORAGE_FAILED`; then nothing is left open. */
  async open(): Promise<UserDataParts> {
    try {
      await this.#to.files.makeFolder(this.#init.home)
      return await this.#openAll()
    } catch (cause) {
      await stopAll([...this.#own, ...(this.#shards === undefined ? [] : [this.#shards]), this.#guard]).catch(
        (error: unknown) => {
          this.#to.logger.warn({ reason: String(error) }, 'a store did not close cleanly')
        },
      )
      throw storageError(cause, 'the user data')
    }
  }

  async #openAll(): Promise<UserDataParts> {
    const { home } = this.#init
    const opening = this.#newOpening(home)
    const { shard: indexShard, lost } = await this.#openOwn(opening, INDEX_STORE)
    await this.#putFormerStoreAside()
    const index = new CrossShardIndex({ shard: indexShard })
    await index.load()
    const gate = new UserGate()
    const shards = new DatabaseShardManager(
      { index, opening: this.#newOpening(join(home, 'shards')), gate, logger: this.#to.logger },
      this.#sharding(),
    )
    this.#shards = shards
    await shards.start(lost ? () => this.#rebuild(index, shards) : undefined)
    const parts = this.#newParts(index, shards, gate)
    await parts.users.heal()
    await parts.eraser.heal()
    await parts.ledger.load(() => parts.users.all())
    await this.#guard.start()
    return parts
  }

  #sharding(): ShardingConfig {
    const sharding = this.#init.sharding ?? defaultSharding()
    for (const { name } of sharding.shards.filter(isFormerSpelling))
      this.#to.logger.warn(
        { shard: name },
        'sqlite: is read as a LevelDB folder of that name; no SQLite file is opened',
      )
    return sharding
  }

  async #openOwn(opening: Opening, name: string): Promise<{ readonly shard: Shard; readonly lost: boolean }> {
    const spec = { name, connectionString: `level:${name}` }
    const first = await opening.open(spec)
    if (first.damage !== undefined) this.#report(first.damage)
    const { shard } = first.shard === undefined ? await opening.acceptRepair(spec, true) : first
    if (shard === undefined) throw new RealmeshError('STORAGE_DAMAGED', `the store ${name} cannot be repaired`)
    this.#own.push(shard)
    return { shard, lost: first.shard === undefined }
  }

  /**
   * Layout 1 had a third store, of which nothing is read any more: what was served to peers, peers and routes that were
   * met. It goes to the backups as it is.
   */
  async #putFormerStoreAside(): Promise<void> {
    const { home } = this.#init
    const { files } = this.#to
    const [former, aside] = [join(home, FORMER_STORE), join(home, 'backups', `${FORMER_STORE}-layout-1`)]
    if (!(await files.exists(former))) return
    await files.makeFolder(join(home, 'backups'))
    await files.remove(aside)
    await files.rename(former, aside)
  }

  #report({ shard, findings, quarantine, repair }: DamageReport): void {
    this.#to.logger.error({ store: shard, findings, quarantine, repair }, 'a store was damaged')
    const all = repair?.complete === true
    const outcome = all ? 'repaired completely' : 'what could be repaired is in service; restore a backup for the rest'
    this.#to.onProblem(
      new RealmeshError('STORAGE_DAMAGED', `the store ${shard} was damaged (${findings.join('; ')}): ${outcome}`),
    )
  }

  async #rebuild(index: CrossShardIndex, shards: DatabaseShardManager): Promise<void> {
    const report = await rebuildIndex({ index, shards: shards.shards(), mapPlace: (user) => shards.mapPlace(user) })
    this.#to.logger.warn(report, 'the index was written anew from the shards')
  }

  #newParts(index: CrossShardIndex, shards: DatabaseShardManager, gate: UserGate): UserDataParts {
    const { clock, cipher } = this.#to
    const { accountingPatienceMs } = this.#init
    const patience = defined({ patienceMs: accountingPatienceMs })
    const users = new UserStore({ shards, index, gate, clock }, this.#init)
    const responses = new ResponseShelf({ users, ...defined({ cipher }) })
    const files = new FileShelf({ users, ...defined({ cipher }) })
    const batches = new BatchLedger({ users, ...defined({ cipher }) })
    const shelves = [responses, files, batches]
    const ledger = new HouseLedger({
      shard: index.shard,
      clock,
      onFailed: (cause) => {
        this.#to.logger.warn({ code: storageError(cause, 'the index').code }, 'the totals of the house wait')
      },
    })
    const onRecorded = (query: FinishedQuery): void => ledger.add(query)
    return {
      index,
      shards,
      guard: this.#guard,
      users,
      history: new QueryHistory({ users, onRecorded, ...defined({ cipher }) }, patience),
      responses,
      files,
      batches,
      retention: new Retention({ users, shelves, refOf: userRef, clock }, this.#init.retention),
      eraser: new UserEraser({ shards, index, gate, users }),
      ledger,
    }
  }

  #newGuard(): DiskGuard {
    const { home, lowDiskBytes, reserveBytes } = this.#init
    const { files, clock, logger } = this.#to
    return new DiskGuard(
      {
        files,
        clock,
        logger,
        guarded: () => [...this.#own, ...(this.#shards?.shards() ?? [])],
        reopen: async () => {
          await this.#shards?.reopen()
        },
      },
      {
        folder: home,
        ...defined({ lowBytes: lowDiskBytes }),
        ...defined({ reserveBytes }),
      },
    )
  }

  #newOpening(base: string): Opening {
    const { home, commitWindowMs } = this.#init
    const { files, clock, connect, newStore } = this.#to
    const opening = new ShardOpening(
      {
        files,
        clock,
        onProblem: (problem) => {
          this.#noteProblem(problem)
        },
        ...defined({ connect }),
        ...defined({ newStore }),
      },
      {
        base,
        quarantine: join(home, 'quarantine'),
        ...defined({ windowMs: commitWindowMs }),
      },
    )
    return {
      open: async (spec, known) => await this.#migrated(await this.#openWithReserve(opening, spec, known), spec),
      acceptRepair: async (spec, orFresh) => await this.#migrated(await opening.acceptRepair(spec, orFresh), spec),
    }
  }

  /**
   * Opening needs a little room (LevelDB writes its recovered log): when there is none, the reserve is what it is for.
   */
  async #openWithReserve(opening: ShardOpening, spec: ShardSpec, known?: boolean): Promise<OpenedShard> {
    try {
      return await opening.open(spec, known)
    } catch (thrown) {
      const full = thrown instanceof RealmeshError && thrown.code === 'STORAGE_FULL'
      if (!full || !(await this.#guard.releaseReserve())) throw thrown
      return await opening.open(spec, known)
    }
  }

  /**
   * Brings a store to this version's layout, after a backup of it. A store that cannot be brought there is closed
   * again.
   */
  async #migrated(opened: OpenedShard, spec: ShardSpec): Promise<OpenedShard> {
    const { shard } = opened
    if (shard === undefined) return opened
    const directory = join(this.#init.home, 'backups', `${safeFolderName(shard.name)}-layout-${shard.head.schema}`)
    const backUp = async (): Promise<void> => {
      this.#to.logger.info({ store: shard.name, directory }, 'a store gets a newer layout; a copy of it is made first')
      await backup(this.#to.files, [shard], { directory, shards: [spec], now: this.#to.clock.wall() })
    }
    let report: MigrationReport | undefined
    try {
      report = await migrate(shard, backUp, this.#to.migrations ?? MIGRATIONS)
    } catch (cause) {
      await shard.stop()
      throw cause
    }
    if (report !== undefined)
      this.#to.logger.info({ store: shard.name, ...report, directory }, 'a store has a newer layout')
    return opened
  }

  #noteProblem(problem: RealmeshError): void {
    this.#to.onProblem(problem)
    // A look at the disk tells whether writing can resume at once; if not, the guard looks again by itself.
    if (problem.code !== 'STORAGE_DAMAGED') void this.#guard.check()
  }
}
