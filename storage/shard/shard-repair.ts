/**
 * LevelDB's repair of a shard, always on a copy: it throws away what it cannot read. Whether the copy will do is judged
 * here.
 */
import { join } from 'node:path'
import { repairLevelFolder } from '../store/level-shard.ts'
import type { ShardStore } from '../store/shard-store.ts'
import { copyStore } from '../store/store-copies.ts'
import { storageError } from '../store/store-error.ts'
import type { StoreFiles } from '../store/store-files.ts'
import { unsafeTables } from '../store/table-check.ts'
import type { ShardFolder } from './shard-folder.ts'
import { encodeHead, HEAD_KEY, SCHEMA, type ShardHead } from './shard-head.ts'
import { judgeScan, scanShard } from './shard-integrity.ts'
import type { RepairReport, ShardMarker } from './shard-notes.ts'
import { WitnessFile } from './witness-file.ts'

export interface ShardRepairComponents {
  readonly files: StoreFiles
  /** Makes a store of what lies in a folder. */
  readonly storeIn: (directory: string) => ShardStore
}

export interface ShardRepairInit {
  /** Names the shard in errors. */
  readonly name: string
  readonly at: ShardFolder
}

export class ShardRepair {
  readonly #files: StoreFiles
  readonly #storeIn: ShardRepairComponents['storeIn']
  readonly #name: string
  readonly #at: ShardFolder

  constructor(components: ShardRepairComponents, init: ShardRepairInit) {
    this.#files = components.files
    this.#storeIn = components.storeIn
    this.#name = init.name
    this.#at = init.at
  }

  /** Repairs a copy of the quarantined files; undefined when nothing could be brought back. Throws `STORAGE_FULL`. */
  async tryOn(quarantine: string, marker: ShardMarker): Promise<RepairReport | undefined> {
    const { repaired } = this.#at
    await this.#files.remove(repaired)
    await copyStore(this.#files, quarantine, repaired)
    for (const { name } of await unsafeTables(this.#files, repaired)) await this.#files.remove(join(repaired, name))
    try {
      await repairLevelFolder(repaired, this.#name)
      return await this.#judge(marker)
    } catch (thrown) {
      const error = storageError(thrown, this.#name)
      if (error.code === 'STORAGE_FULL') throw error
      return undefined
    }
  }

  /** Makes the repaired copy consistent with itself: bad records go, the head says what is there. */
  async rebuildHead(epoch: string): Promise<void> {
    const store = this.#storeIn(this.#at.repaired)
    try {
      await store.open()
      const bad: string[] = []
      await scanShard(store, (key) => bad.push(key))
      const operations = bad.map((key) => ({ key, value: undefined }))
      if (operations.length > 0) await store.write(operations, { expected: new Map() })
      const { head, records, sum } = await scanShard(store)
      const next: ShardHead = { epoch, seq: (head?.seq ?? 0) + 1, records, sum, schema: head?.schema ?? SCHEMA }
      await store.write([{ key: HEAD_KEY, value: encodeHead(next) }], { expected: new Map() })
    } finally {
      await store.close()
    }
  }

  /**
   * Opens the copy only now: a store begins to open by itself as soon as it is made, and LevelDB's repair takes no lock
   * against that.
   */
  async #judge(marker: ShardMarker): Promise<RepairReport> {
    const store = this.#storeIn(this.#at.repaired)
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
}
