/**
 * Opens a LevelDB shard and does not believe it: the files are kept aside first (hard links, so it costs nothing), then
 * every record is counted and summed. A damaged store is put into quarantine and repaired on a copy; the copy takes its
 * place only when nothing is missing from it. Otherwise the shard stays out of service with a report, until the
 * operator restores it or accepts the loss.
 */

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { defined } from '../../core/defined.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type LevelShardInit, levelShard } from '../store/level-shard.ts'
import type { ShardStore } from '../store/shard-store.ts'
import { linkStore } from '../store/store-copies.ts'
import { storageError } from '../store/store-error.ts'
import type { StoreFiles } from '../store/store-files.ts'
import { unsafeTables } from '../store/table-check.ts'
import { Shard } from './shard.ts'
import { type ShardFolder, safeFolderName, shardFolder } from './shard-folder.ts'
import { decodeHead, emptyHead, encodeHead, HEAD_KEY, SCHEMA } from './shard-head.ts'
import { judgeScan, type ShardDamage, scanShard } from './shard-integrity.ts'
import { type DamageReport, type ShardMarker, ShardNotes } from './shard-notes.ts'
import { ShardRepair } from './shard-repair.ts'
import { WitnessFile } from './witness-file.ts'

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
  readonly #notes: ShardNotes
  readonly #repair: ShardRepair

  constructor(components: LevelOpenerComponents, init: LevelOpenerInit) {
    this.#files = components.files
    this.#clock = components.clock
    this.#onProblem = components.onProblem
    this.#newStore = components.newStore
    this.#init = init
    this.#at = shardFolder(init.root)
    this.#notes = new ShardNotes({ files: this.#files }, { at: this.#at })
    this.#repair = new ShardRepair(
      { files: this.#files, storeIn: (directory) => this.#store(directory) },
      { name: init.name, at: this.#at },
    )
  }

  /**
   * Throws `STORAGE_LOCKED`, `STORAGE_FULL` or `STORAGE_FAILED`; damage is an answer, not an error. `wasThere`: it was
   * opened before, so a folder without its marker has lost it.
   */
  async open(wasThere = false): Promise<OpenedShard> {
    try {
      await this.#files.makeFolder(this.#at.root)
      const damage = await this.#notes.damage()
      if (damage !== undefined) return { damage }
      const found = await this.#notes.marker()
      if (found === undefined && wasThere) return { damage: await this.#reportGone() }
      const marker = found ?? (await this.#create())
      return await this.#openExisting(marker)
    } catch (thrown) {
      throw await this.#withOwner(storageError(thrown, this.#init.name))
    }
  }

  /**
   * Puts the repaired copy into service, whatever is missing from it. The quarantined files stay. `orFresh`: where the
   * repair brought nothing back, an empty store will do; so it will where all files are gone.
   */
  async acceptRepair(orFresh = false): Promise<OpenedShard> {
    const damage = await this.#notes.damage()
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
    await this.#repair.rebuildHead(epoch)
    await this.#notes.writeMarker({ epoch, createdAt: this.#clock.wall() })
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

  /**
   * First start: a synced head goes into the fresh store before the marker says that it exists. Restartable at any
   * point.
   */
  async #create(): Promise<ShardMarker> {
    const store = this.#store(this.#at.db, true)
    try {
      await store.open()
      const found = await store.get(HEAD_KEY)
      const head = found === undefined ? emptyHead(newEpoch(), SCHEMA) : decodeHead(found)
      if (found === undefined) {
        await store.write([{ key: HEAD_KEY, value: encodeHead(head) }], { expected: new Map() })
      }
      const marker = { epoch: head.epoch, createdAt: this.#clock.wall() }
      await this.#notes.writeMarker(marker)
      return marker
    } finally {
      await store.close()
    }
  }

  async #openExisting(marker: ShardMarker): Promise<OpenedShard> {
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
   * Keeps the files as they are before LevelDB opens them. What an opening that was cut off kept is older, and better:
   * nothing was written since, but tables may have been deleted.
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
        ...defined({ onProblem: this.#onProblem }),
      },
      {
        name: this.#init.name,
        epoch: newEpoch(),
        ...defined({ windowMs: this.#init.windowMs }),
      },
    )
    await shard.start()
    await witness.reset({ epoch: shard.head.epoch, seq: shard.head.seq })
    await this.#files.writeAtomic(this.#at.owner, String(process.pid))
    return shard
  }

  async #quarantine(damage: ShardDamage, marker: ShardMarker): Promise<OpenedShard> {
    const at = this.#clock.wall()
    const quarantine = join(this.#init.quarantine, `${safeFolderName(this.#init.name)}-${at}`)
    await this.#files.makeFolder(this.#init.quarantine)
    await this.#files.rename(this.#at.before, quarantine)
    const repair = await this.#repair.tryOn(quarantine, marker)
    const report: DamageReport = {
      ...damage,
      shard: this.#init.name,
      at,
      quarantine,
      ...defined({ repair }),
    }
    if (repair?.complete === true) {
      await this.#files.remove(this.#at.db)
      await this.#files.rename(this.#at.repaired, this.#at.db)
      const opened = await this.#openExisting(marker)
      return opened.shard === undefined ? opened : { ...opened, damage: report }
    }
    await this.#notes.writeDamage(report)
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
    await this.#notes.writeDamage(report)
    return report
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
