/**
 * A node's user data: what the rest of the daemon sees of this folder. Opens the index, the node's own store and the shards, heals
 * what a crash cut off, watches the disk, and hands out the parts. GUIDs are credentials: nothing in here logs one.
 */
import { join } from 'node:path'
import { type Clock, systemClock } from '../core/clock.ts'
import { type Logger, silentLogger } from '../core/logger.ts'
import { RealmeshError } from '../core/realmesh-error.ts'
import type { Startable } from '../core/startable.ts'
import type { Account } from './account.ts'
import { ApiKeys } from './api-keys.ts'
import { type BackupReport, backup } from './backup.ts'
import { CrossShardIndex } from './cross-shard-index.ts'
import { DatabaseShardManager, type ShardStatus } from './database-shard-manager.ts'
import { DiskGuard } from './disk-guard.ts'
import type { TextCipher } from './encryption.ts'
import { type ErasedUser, UserEraser } from './erase-user.ts'
import { type ExportedUser, exportUser } from './export-user.ts'
import { userRef } from './keys.ts'
import { Ledger } from './ledger.ts'
import { migrate } from './migrations.ts'
import type { OpenedShard } from './open-level-shard.ts'
import { PeerMemory } from './peer-memory.ts'
import { type FinishedQuery, type HistoryPage, QueryHistory, type QueryWithText } from './query-history.ts'
import { Retention, type RetentionPolicy } from './retention.ts'
import { RouteStatisticsStore } from './route-statistics.ts'
import type { Shard } from './shard.ts'
import { safeFolderName } from './shard-folder.ts'
import { ShardOpening } from './shard-opening.ts'
import type { ShardStore } from './shard-store.ts'
import { defaultSharding, type ShardingConfig, type ShardSpec } from './sharding-config.ts'
import { diskFiles, type StoreFiles } from './store-files.ts'
import { UserGate } from './user-gate.ts'
import { UserStore, type UserStoreInit } from './user-store.ts'

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
}

export interface UserDataInit extends UserStoreInit {
  /** Folder for everything; made when it is missing, 0700. */
  readonly home: string
  /** See sharding-config.ts; relative shard paths lie under `home`/shards. @default four LevelDB shards */
  readonly sharding?: ShardingConfig
  readonly retention?: RetentionPolicy
  /** Milliseconds between walks of the retention; 0 for none. @default 3600000 */
  readonly retentionEveryMs?: number
  /** Window of the group commit, milliseconds. @default 4 */
  readonly commitWindowMs?: number
  /** How long the record of a query may wait for company, milliseconds. @default 30 */
  readonly accountingPatienceMs?: number
  /** See disk-guard.ts. @default 268435456 */
  readonly lowDiskBytes?: number
  /** See disk-guard.ts; 0 for none. @default 67108864 */
  readonly reserveBytes?: number
}

export interface UserDataStatus {
  readonly shards: readonly ShardStatus[]
  readonly rebalance?: { readonly target: readonly string[]; readonly moved: number; readonly waiting?: string }
  /** Things that the operator should know, one line each. */
  readonly warnings: readonly string[]
}

const RETENTION_EVERY_MS = 3_600_000

interface Parts {
  readonly index: CrossShardIndex
  readonly node: Shard
  readonly shards: DatabaseShardManager
  readonly guard: DiskGuard
  readonly users: UserStore
  readonly history: QueryHistory
  readonly apiKeys: ApiKeys
  readonly ledger: Ledger
  readonly peers: PeerMemory
  readonly routes: RouteStatisticsStore
  readonly retention: Retention
  readonly eraser: UserEraser
}

export class UserData implements Startable {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #files: StoreFiles
  readonly #components: UserDataComponents
  readonly #init: UserDataInit
  #parts: Parts | undefined
  #stopping = new AbortController()
  #trimming: Promise<void> = Promise.resolve()
  #problems = new Map<string, number>()

  constructor(components: UserDataComponents, init: UserDataInit) {
    this.#clock = components.clock ?? systemClock
    this.#logger = components.logger ?? silentLogger
    this.#files = components.files ?? diskFiles
    this.#components = components
    this.#init = init
  }

  /** Throws `STORAGE_LOCKED` when another daemon has the home open, `STORAGE_DAMAGED` when the index or the node's own store is. */
  async start(): Promise<void> {
    if (this.#parts !== undefined) return
    this.#stopping = new AbortController()
    await this.#files.makeFolder(this.#init.home)
    const opened: Shard[] = []
    try {
      this.#parts = await this.#assemble(opened)
    } catch (cause) {
      for (const shard of opened) await shard.stop()
      throw cause
    }
    this.#scheduleRetention()
  }

  async stop(): Promise<void> {
    const parts = this.#parts
    if (parts === undefined) return
    this.#stopping.abort()
    this.#cancelRetention?.()
    await this.#trimming
    await parts.guard.stop()
    this.#parts = undefined
    await parts.shards.stop()
    await parts.node.stop()
    await parts.index.shard.stop()
  }

  get users(): UserStore {
    return this.#running.users
  }

  get history(): QueryHistory {
    return this.#running.history
  }

  get apiKeys(): ApiKeys {
    return this.#running.apiKeys
  }

  get ledger(): Ledger {
    return this.#running.ledger
  }

  get peers(): PeerMemory {
    return this.#running.peers
  }

  get routes(): RouteStatisticsStore {
    return this.#running.routes
  }

  get shards(): DatabaseShardManager {
    return this.#running.shards
  }

  get retention(): Retention {
    return this.#running.retention
  }

  /** The user's account, made at first sight. */
  user(guid: string, nickname?: string): Promise<Account> {
    return this.users.getOrCreate(guid, nickname)
  }

  /**
   * Notes and charges a finished query; resolves, once it is safe, with whether it was new. Cheap: many are folded into one commit.
   * The caller need not wait, but must handle the rejection (`STORAGE_FULL`, `STORAGE_DAMAGED`, `USER_NOT_FOUND`).
   */
  recordQuery(guid: string, query: FinishedQuery): Promise<boolean> {
    return this.history.record(userRef(guid), query)
  }

  /** The user's queries, newest first. */
  queries(guid: string, page?: HistoryPage): Promise<readonly QueryWithText[]> {
    return this.history.list(userRef(guid), page)
  }

  /** Everything of a user as JSON. Throws `USER_NOT_FOUND`. */
  export(guid: string): Promise<ExportedUser> {
    return exportUser(this.#running, guid, this.#clock.wall())
  }

  /** Removes everything of a user from this node, and looks that nothing is left. Throws `USER_NOT_FOUND`. */
  erase(guid: string): Promise<ErasedUser> {
    return this.#running.eraser.erase(guid)
  }

  /** Every store with its name: shards, index, node. For backups. */
  stores(): readonly Shard[] {
    const { index, node, shards } = this.#running
    return [index.shard, node, ...shards.shards()]
  }

  /** A consistent backup of all stores in service, while the node goes on; incremental when the folder holds an earlier one. */
  backup(directory: string): Promise<BackupReport> {
    return backup(this.#files, this.stores(), {
      directory,
      shards: this.shards.specs(),
      now: this.#clock.wall(),
    })
  }

  status(): UserDataStatus {
    const { shards } = this.#running
    const rebalance = shards.rebalanceStatus()
    const list = shards.status()
    const warnings = list.flatMap(({ name, problem }) => (problem === undefined ? [] : [`shard ${name}: ${problem}`]))
    for (const [message, times] of this.#problems) warnings.push(`${message} (${times} times)`)
    return { shards: list, warnings, ...(rebalance === undefined ? {} : { rebalance }) }
  }

  get #running(): Parts {
    if (this.#parts === undefined) throw new RealmeshError('STORAGE_CLOSED', 'the user data is closed')
    return this.#parts
  }

  #cancelRetention: (() => void) | undefined

  async #assemble(opened: Shard[]): Promise<Parts> {
    const { home } = this.#init
    const guarded: Shard[] = []
    const guard = this.#newGuard(() => [...guarded, ...(shardsOf?.shards() ?? [])])
    let shardsOf: DatabaseShardManager | undefined
    const ownOpening = this.#newOpening(guard, home)
    const own = async (name: string): Promise<Shard> => {
      const { shard, damage } = await ownOpening.open({ name, connectionString: `level:${name}` })
      if (shard === undefined) throw ownDamage(name, damage?.findings ?? [])
      if (damage !== undefined)
        this.#logger.error({ store: name, findings: damage.findings }, 'a store was damaged and repaired')
      opened.push(shard)
      guarded.push(shard)
      return shard
    }
    const indexShard = await own('index')
    const node = await own('node')
    const index = new CrossShardIndex({ shard: indexShard })
    await index.load()
    const gate = new UserGate()
    const shards = new DatabaseShardManager(
      { index, opening: this.#newOpening(guard, join(home, 'shards')), gate, logger: this.#logger },
      this.#init.sharding ?? defaultSharding(),
    )
    shardsOf = shards
    await shards.start()
    opened.push(...shards.shards())
    const parts = this.#newParts({ home, index, node, shards, guard, gate })
    await parts.users.heal()
    await parts.eraser.heal()
    await guard.start()
    return parts
  }

  #newParts(base: {
    readonly home: string
    readonly index: CrossShardIndex
    readonly node: Shard
    readonly shards: DatabaseShardManager
    readonly guard: DiskGuard
    readonly gate: UserGate
  }): Parts {
    const { index, node, shards, guard, gate } = base
    const clock = this.#clock
    const { cipher } = this.#components
    const { accountingPatienceMs } = this.#init
    const users = new UserStore({ shards, index, gate, clock }, this.#init)
    const apiKeys = new ApiKeys({ index, clock })
    return {
      index,
      node,
      shards,
      guard,
      users,
      apiKeys,
      history: new QueryHistory(
        { users, ...(cipher === undefined ? {} : { cipher }) },
        accountingPatienceMs === undefined ? {} : { patienceMs: accountingPatienceMs },
      ),
      ledger: new Ledger({ node, shards: () => shards.shards() }),
      peers: new PeerMemory({ node }),
      routes: new RouteStatisticsStore({ node }),
      retention: new Retention({ users, refOf: userRef, clock }, this.#init.retention),
      eraser: new UserEraser({ shards, index, gate, users, apiKeys }),
    }
  }

  #newGuard(guarded: () => readonly Shard[]): DiskGuard {
    const { home, lowDiskBytes, reserveBytes } = this.#init
    return new DiskGuard(
      { files: this.#files, clock: this.#clock, guarded, logger: this.#logger },
      {
        folder: home,
        ...(lowDiskBytes === undefined ? {} : { lowBytes: lowDiskBytes }),
        ...(reserveBytes === undefined ? {} : { reserveBytes }),
      },
    )
  }

  /** Opening needs a little room (LevelDB writes its recovered log): when there is none, the reserve is what it is for. */
  #newOpening(guard: DiskGuard, base: string): Pick<ShardOpening, 'open' | 'acceptRepair'> {
    const { home, commitWindowMs } = this.#init
    const { connect } = this.#components
    const opening = new ShardOpening(
      {
        files: this.#files,
        clock: this.#clock,
        onProblem: (problem) => {
          this.#noteProblem(problem, guard)
        },
        ...(connect === undefined ? {} : { connect }),
      },
      {
        base,
        quarantine: join(home, 'quarantine'),
        ...(commitWindowMs === undefined ? {} : { windowMs: commitWindowMs }),
      },
    )
    const open = async (spec: ShardSpec): Promise<OpenedShard> => {
      try {
        return await opening.open(spec)
      } catch (thrown) {
        const full = thrown instanceof RealmeshError && thrown.code === 'STORAGE_FULL'
        if (!full || !(await guard.releaseReserve())) throw thrown
        return await opening.open(spec)
      }
    }
    return {
      acceptRepair: (spec) => opening.acceptRepair(spec),
      open: async (spec) => {
        const opened = await open(spec)
        if (opened.shard !== undefined) await this.#migrate(opened.shard)
        return opened
      },
    }
  }

  /** Brings a store to this version's layout, after a backup of it. */
  async #migrate(shard: Shard): Promise<void> {
    if (shard.shared) return
    const directory = join(this.#init.home, 'backups', `${safeFolderName(shard.name)}-layout-${shard.head.schema}`)
    const report = await migrate(shard, async () => {
      await backup(this.#files, [shard], { directory, shards: [], now: this.#clock.wall() })
    })
    if (report !== undefined)
      this.#logger.info({ store: shard.name, ...report, directory }, 'a store has a newer layout')
  }

  #noteProblem(problem: RealmeshError, guard: DiskGuard): void {
    const times = this.#problems.get(problem.message) ?? 0
    if (this.#problems.size < MAX_PROBLEMS || times > 0) this.#problems.set(problem.message, times + 1)
    if (times === 0) this.#logger.error({ code: problem.code }, problem.message)
    // A look at the disk tells whether writing can resume now; if not, the guard looks again by itself.
    if (this.#parts !== undefined && problem.code !== 'STORAGE_DAMAGED') void guard.check()
  }

  #scheduleRetention(): void {
    const everyMs = this.#init.retentionEveryMs ?? RETENTION_EVERY_MS
    if (everyMs === 0 || this.#stopping.signal.aborted) return
    this.#cancelRetention = this.#clock.after(everyMs, () => {
      this.#trimming = this.retention.run(this.#stopping.signal).then(
        (removed) => {
          this.#logger.info({ removed }, 'retention ran')
        },
        (cause: unknown) => {
          this.#logger.warn({ reason: String(cause) }, 'retention stopped early')
        },
      )
      void this.#trimming.then(() => {
        this.#scheduleRetention()
      })
    })
  }
}

/** Different problems kept for the status. */
const MAX_PROBLEMS = 50

function ownDamage(name: string, findings: readonly string[]): RealmeshError {
  return new RealmeshError('STORAGE_DAMAGED', `the store ${name} is damaged: ${findings.join('; ')}`, {
    fix: 'realmesh restore DIR, or realmesh shards repair',
  })
}
