/**
 * Opens a LevelDB shard and does not believe it: the files are kept aside first (hard links, so it costs nothing), then every record
 * is counted and summed. A damaged store is put into quarantine and repaired on a copy; the copy takes its place only when nothing
 * is missing from it. Otherwise the shard stays out of service with a report, until the operator restores it or accepts the loss.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type LevelShardInit, levelShard, repairLevelFolder } from '../store/level-shard.ts'
import type { ShardStore } from '../store/shard-store.ts'
import { copyStore, linkStore } from '../store/store-copies.ts'
import { storageError } from '../store/store-error.ts'
import type { StoreFiles } from '../store/store-files.ts'
import { unsafeTables } from '../store/table-check.ts'
import { Shard } from './shard.ts'
import { type ShardFolder, safeFolderName, shardFolder } from './shard-folder.ts'
import { decodeHead, emptyHead, encodeHead, HEAD_KEY, SCHEMA, type ShardHead } from './shard-head.ts'
import { judgeScan, type ShardDamage, scanShard } from './shard-integrity.ts'
import { WitnessFile } from './witness-file.ts'

/** The marker file's content. */
interface Marker {
  readonly epoch: string
  readonly createdAt: number
}

/** What the operator is told of a damaged shard; also kept as `damage.json`. */
export interface DamageReport extends ShardDamage {
  readonly shard: string
  readonly at: number
  /** Where the untouched files are. */
  readonly quarantine: string
  /** Whether there was nothing to keep aside: all of its files were gone. */
  readonly gone?: boolean
  /** What LevelDB's repair brought back on a copy; absent when it brought back nothing. */
  readonly repair?: { readonly recordsFound: number; readonly damagedRecords: number; readonly complete: boolean }
}

export interface OpenedShard {
  /** Absent when it is out of service. */
  readonly shard?: Shard
  readonly damage?: DamageReport
}

export interface LevelOpenerComponents {
  readonly files: StoreFiles
  readonly clock: Pick<Clock, 'wall'>
  readonly onProblem?: (problem: RealmeshError) => void
  /** Makes the store itself. @default LevelDB */
  readonly newStore?: (init: LevelShardInit) => ShardStore
}

export interface LevelOpenerInit {
  readonly name: string
  /** The shard's folder; see shard-folder.ts. */
  readonly root: string
  /** The folder for quarantined stores. */
  readonly quarantine: string
  /** Window of the group commit, milliseconds. @default 4 */
  readonly windowMs?: number
}

export class LevelShardOpener {
  readonly #files: StoreFiles
  readonly #clock: Pick<Clock, 'wall'>
  readonly #onProblem: LevelOpenerComponents['onProblem']
  readonly #newStore: LevelOpenerComponents['newStore']
  readonly #init: LevelOpenerInit
  readonly #at: ShardFolder

  constructor(components: LevelOpenerComponents, init: LevelOpenerInit) {
    this.#files = components.files
    this.#clock = components.clock
    this.#onProblem = components.onProblem
    this.#newStore = components.newStore
    this.#init = init
    this.#at = shardFolder(init.root)
  }

  /**
   * Throws `STORAGE_LOCKED`, `STORAGE_FULL` or `STORAGE_FAILED`; damage is an answer, not an error. `wasThere`: it was opened before, so
   * a folder without its marker has lost it.
   */
  async open(wasThere = false): Promise<OpenedShard> {
    try {
      await this.#files.makeFolder(this.#at.root)
      const damage = await this.#readDamage()
      if (damage !== undefined) return { damage }
      const found = await this.#readMarker()
      if (found === undefined && wasThere) return { damage: await this.#reportGone() }
      const marker = found ?? (await this.#create())
      return await this.#openExisting(marker)
    } catch (thrown) {
      throw await this.#withOwner(storageError(thrown, this.#init.name))
    }
  }

  /**
   * Puts the repaired copy into service, whatever is missing from it. The quarantined files stay. `orFresh`: where the repair brought
   * nothing back, an empty store will do; so it will where all files are gone.
   */
  async acceptRepair(orFresh = false): Promise<OpenedShard> {
    const damage = await this.#readDamage()
    const repaired = damage?.repair !== undefined && (await this.#files.exists(this.#at.repaired))
    if (!repaired && (orFresh || damage?.gone === true)) {
      for (const path of [this.#at.db, this.#at.witness, this.#at.marker, this.#at.damage])
        await this.#files.remove(path)
      return await this.open()
    }
    if (!repaired) {
      throw new RealmeshError('STORAGE_DAMAGED', `${this.#init.name}: there is no repaired copy to accept`, {
        fix: 'restore the shard from a backup',
      })
    }
    const epoch = newEpoch()
    await this.#rebuildHead(this.#at.repaired, epoch)
    await this.#writeMarker({ epoch, createdAt: this.#clock.wall() })
    await this.#files.remove(this.#at.witness)
    await this.#files.remove(this.#at.db)
    await this.#files.rename(this.#at.repaired, this.#at.db)
    await this.#files.remove(this.#at.damage)
    return await this.open()
  }

  #store(directory: string, create = false): ShardStore {
    const make = this.#newStore ?? levelShard
    return make({ name: this.#init.name, directory, create })
  }

  async #readMarker(): Promise<Marker | undefined> {
    const text = await this.#files.read(this.#at.marker)
    return text === undefined ? undefined : (JSON.parse(text.toString()) as Marker)
  }

  async #writeMarker(marker: Marker): Promise<void> {
    await this.#files.writeAtomic(this.#at.marker, JSON.stringify(marker))
  }

  async #readDamage(): Promise<DamageReport | undefined> {
    const text = await this.#files.read(this.#at.damage)
    return text === undefined ? undefined : (JSON.parse(text.toString()) as DamageReport)
  }

  /** First start: a synced head goes into the fresh store before the marker says that it exists. Restartable at any point. */
  async #create(): Promise<Marker> {
    const store = this.#store(this.#at.db, true)
    try {
      await store.open()
      const found = await store.get(HEAD_KEY)
      const head = found === undefined ? emptyHead(newEpoch(), SCHEMA) : decodeHead(found)
      if (found === undefined) {
        await store.write([{ key: HEAD_KEY, value: encodeHead(head) }], { expected: new Map() })
      }
      const marker = { epoch: head.epoch, createdAt: this.#clock.wall() }
      await this.#writeMarker(marker)
      return marker
    } finally {
      await store.close()
    }
  }

  async #openExisting(marker: Marker): Promise<OpenedShard> {
    const { db, before } = this.#at
    await this.#keepAside()
    const unsafe = await this.#unsafe(db)
    if (unsafe !== undefined) return await this.#quarantine(unsafe, marker)
    const witness = new WitnessFile({ files: this.#files }, { path: this.#at.witness })
    const store = this.#store(db)
    let damage: ShardDamage | undefined
    try {
      damage = await this.#examine(store, { epoch: marker.epoch, witness: await witness.read() })
      if (damage === undefined) {
        const shard = await this.#serve(store, witness)
        await this.#files.remove(before)
        return { shard }
      }
    } catch (cause) {
      await witness.close()
      await store.close()
      throw cause
    }
    await store.close()
    return await this.#quarantine(damage, marker)
  }

  /**
   * Keeps the files as they are before LevelDB opens them. What an opening that was cut off kept is older, and better: nothing was
   * written since, but tables may have been deleted.
   */
  async #keepAside(): Promise<void> {
    const { db, before } = this.#at
    if (await this.#files.exists(before)) return
    const unfinished = `${before}.new`
    await this.#files.remove(unfinished)
    await linkStore(this.#files, db, unfinished)
    await this.#files.rename(unfinished, before)
  }

  /** Damage that LevelDB must not even look at. */
  async #unsafe(db: string): Promise<ShardDamage | undefined> {
    const tables = await unsafeTables(this.#files, db)
    if (tables.length === 0) return undefined
    const findings = tables.map(({ name, problem }) => `the table ${name} is not opened: ${problem}`)
    return { findings, recordsFound: 0, damagedRecords: 0 }
  }

  /** Opens and scans; what it finds wrong, or undefined. The store stays open. */
  async #examine(store: ShardStore, expected: Parameters<typeof judgeScan>[1]): Promise<ShardDamage | undefined> {
    try {
      await store.open()
      return judgeScan(await scanShard(store), expected)
    } catch (thrown) {
      const error = toRealmeshError(thrown, 'STORAGE_FAILED')
      if (error.code !== 'STORAGE_DAMAGED') throw error
      const finding = `it does not open: ${causeText(error)}`
      return { findings: [finding], recordsFound: 0, damagedRecords: 0 }
    }
  }

  async #serve(store: ShardStore, witness: WitnessFile): Promise<Shard> {
    const shard = new Shard(
      {
        store,
        witness,
        present: () => this.#files.exists(join(this.#at.db, 'CURRENT')),
        ...(this.#onProblem === undefined ? {} : { onProblem: this.#onProblem }),
      },
      {
        name: this.#init.name,
        epoch: newEpoch(),
        ...(this.#init.windowMs === undefined ? {} : { windowMs: this.#init.windowMs }),
      },
    )
    await shard.start()
    await witness.reset({ epoch: shard.head.epoch, seq: shard.head.seq })
    await this.#files.writeAtomic(this.#at.owner, String(process.pid))
    return shard
  }

  async #quarantine(damage: ShardDamage, marker: Marker): Promise<OpenedShard> {
    const at = this.#clock.wall()
    const quarantine = join(this.#init.quarantine, `${safeFolderName(this.#init.name)}-${at}`)
    await this.#files.makeFolder(this.#init.quarantine)
    await this.#files.rename(this.#at.before, quarantine)
    const repair = await this.#tryRepair(quarantine, marker)
    const report: DamageReport = {
      ...damage,
      shard: this.#init.name,
      at,
      quarantine,
      ...(repair === undefined ? {} : { repair }),
    }
    if (repair?.complete === true) {
      await this.#files.remove(this.#at.db)
      await this.#files.rename(this.#at.repaired, this.#at.db)
      const opened = await this.#openExisting(marker)
      return opened.shard === undefined ? opened : { ...opened, damage: report }
    }
    await this.#files.writeAtomic(this.#at.damage, JSON.stringify(report, undefined, 2))
    return { damage: report }
  }

  async #reportGone(): Promise<DamageReport> {
    const report: DamageReport = {
      shard: this.#init.name,
      at: this.#clock.wall(),
      findings: ['all of its files are gone'],
      recordsFound: 0,
      damagedRecords: 0,
      quarantine: this.#at.root,
      gone: true,
    }
    await this.#files.writeAtomic(this.#at.damage, JSON.stringify(report, undefined, 2))
    return report
  }

  /** Repairs a copy of the quarantined files; undefined when nothing could be brought back. */
  async #tryRepair(quarantine: string, marker: Marker): Promise<DamageReport['repair'] | undefined> {
    const { repaired } = this.#at
    await this.#files.remove(repaired)
    await copyStore(this.#files, quarantine, repaired)
    for (const { name } of await unsafeTables(this.#files, repaired)) await this.#files.remove(join(repaired, name))
    try {
      await repairLevelFolder(repaired, this.#init.name)
      return await this.#judgeRepaired(repaired, marker)
    } catch (thrown) {
      const error = storageError(thrown, this.#init.name)
      if (error.code === 'STORAGE_FULL') throw error
      return undefined
    }
  }

  /** Made only now: a store begins to open by itself as soon as it is made, and LevelDB's repair takes no lock against that. */
  async #judgeRepaired(repaired: string, marker: Marker): Promise<DamageReport['repair']> {
    const store = this.#store(repaired)
    try {
      await store.open()
      const scan = await scanShard(store)
      const witness = await new WitnessFile({ files: this.#files }, { path: this.#at.witness }).read()
      const complete = judgeScan(scan, { epoch: marker.epoch, witness }) === undefined
      return { recordsFound: scan.records, damagedRecords: scan.damagedRecords, complete }
    } finally {
      await store.close()
    }
  }

  /** Makes a repaired copy consistent with itself: bad records go, the head says what is there. */
  async #rebuildHead(directory: string, epoch: string): Promise<void> {
    const store = this.#store(directory)
    try {
      await store.open()
      const bad: string[] = []
      await scanShard(store, (key) => bad.push(key))
      const operations = bad.map((key) => ({ key, value: undefined }))
      if (operations.length > 0) await store.write(operations, { expected: new Map() })
      const scan = await scanShard(store)
      const head: ShardHead = {
        epoch,
        seq: (scan.head?.seq ?? 0) + 1,
        records: scan.records,
        sum: scan.sum,
        schema: scan.head?.schema ?? SCHEMA,
      }
      await store.write([{ key: HEAD_KEY, value: encodeHead(head) }], { expected: new Map() })
    } finally {
      await store.close()
    }
  }

  async #withOwner(error: RealmeshError): Promise<RealmeshError> {
    if (error.code !== 'STORAGE_LOCKED') return error
    const pid = (await this.#files.read(this.#at.owner))?.toString() ?? 'unknown'
    return new RealmeshError('STORAGE_LOCKED', `another daemon (pid ${pid}) has ${this.#init.name} open`, {
      cause: error,
      fix: 'stop the other daemon, or give this one another home',
    })
  }
}

function newEpoch(): string {
  return randomBytes(8).toString('hex')
}

/** LevelDB's own words, without the path in front of them. */
function causeText(error: RealmeshError): string {
  const inner = error.cause instanceof Error ? (error.cause.cause ?? error.cause) : error
  const message = inner instanceof Error ? inner.message : error.message
  return message.replace(/\/\S*\/(?=\S)/g, '')
}
