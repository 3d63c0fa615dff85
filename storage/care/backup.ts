/**
 * `realmesh backup DIR`: all stores as they were at one moment, while the node goes on. Commits pause only while the
 * snapshots are taken. Chunks that an earlier run wrote are not written again.
 */

import { join } from 'node:path'
import { defined } from '../../core/defined.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Shard } from '../shard/shard.ts'
import { addToSum, decodeHead, HEAD_KEY, type ShardHead } from '../shard/shard-head.ts'
import type { ShardSpec } from '../shards/sharding-config.ts'
import { carriedChecksum, isIntact } from '../store/checked-record.ts'
import { pagesOf, type StoreEntry, type StoreReader, type StoreSnapshot } from '../store/shard-store.ts'
import { storageError } from '../store/store-error.ts'
import type { StoreFiles } from '../store/store-files.ts'
import {
  BACKUP_FORMAT,
  type BackedUpStore,
  type BackupManifest,
  chunkPath,
  endsChunk,
  packChunk,
} from './backup-format.ts'

export interface BackupInit {
  /** The backup's folder; an earlier backup in it makes this one incremental. */
  readonly directory: string
  /** Places of the shards, for `restore`. */
  readonly shards: readonly ShardSpec[]
  /** Wall clock, milliseconds. */
  readonly now: number
}

export interface BackupReport {
  readonly manifest: string
  readonly records: number
  readonly chunks: number
  /** Chunks that were not there yet. */
  readonly written: number
}

/** Takes a consistent backup. Throws `STORAGE_DAMAGED` rather than back up a record that does not fit its checksum. */
export async function backup(files: StoreFiles, stores: readonly Shard[], init: BackupInit): Promise<BackupReport> {
  const views = await snapshotAll(stores)
  try {
    const backedUp: BackedUpStore[] = []
    let written = 0
    for (const [index, store] of stores.entries()) {
      const view = views[index]
      if (view === undefined) continue
      const result = await backupStore(files, store.name, view, init.directory)
      backedUp.push(result.store)
      written += result.written
    }
    const manifest: BackupManifest = {
      format: BACKUP_FORMAT,
      at: init.now,
      shards: init.shards.map(withoutPassword),
      stores: backedUp,
    }
    const name = `backup-${init.now}.json`
    await files.makeFolder(init.directory) // stores without records have made none
    await files.writeAtomic(join(init.directory, name), JSON.stringify(manifest, undefined, 1))
    return {
      manifest: name,
      records: backedUp.reduce((sum, { records }) => sum + records, 0),
      chunks: backedUp.reduce((sum, { chunks }) => sum + chunks.length, 0),
      written,
    }
  } catch (cause) {
    throw storageError(cause, 'the backup')
  } finally {
    for (const view of views) await view.close()
  }
}

/** Snapshots of all stores while none of them commits, so that they fit together. */
async function snapshotAll(stores: readonly Shard[]): Promise<StoreSnapshot[]> {
  const [first, ...rest] = stores
  if (first === undefined) return []
  return await first.exclusive(async () => {
    const others = await snapshotAll(rest)
    return [first.snapshot(), ...others]
  })
}

async function backupStore(
  files: StoreFiles,
  name: string,
  view: StoreReader,
  directory: string,
): Promise<{ readonly store: BackedUpStore; readonly written: number }> {
  const chunks: string[] = []
  let head: ShardHead | undefined
  let rows: StoreEntry[] = []
  let bytes = 0
  let records = 0
  let sum = 0
  let written = 0
  const flush = async (): Promise<void> => {
    if (rows.length === 0) return
    const chunk = packChunk(rows)
    rows = []
    bytes = 0
    chunks.push(chunk.name)
    if (await putChunk(files, directory, chunk)) written += 1
  }
  for await (const page of pagesOf(view)) {
    for (const [key, value] of page) {
      if (!isIntact(key, value))
        throw new RealmeshError('STORAGE_DAMAGED', `${name}: a record does not fit its checksum`)
      if (key === HEAD_KEY) {
        head = decodeHead(value)
        continue
      }
      rows.push([key, value])
      bytes += value.length
      records += 1
      sum = addToSum(sum, carriedChecksum(value))
      if (endsChunk(key, bytes)) await flush()
    }
  }
  await flush()
  return { store: { name, records, sum, chunks, ...defined({ head }) }, written }
}

/** Resolves with whether the chunk was new. */
async function putChunk(
  files: StoreFiles,
  directory: string,
  chunk: { name: string; bytes: Buffer },
): Promise<boolean> {
  const [folder, prefix, name] = chunkPath(chunk.name)
  const path = join(directory, folder, prefix, name)
  if ((await files.size(path)) === chunk.bytes.length) return false
  await files.makeFolder(join(directory, folder, prefix))
  await files.writeAtomic(path, chunk.bytes)
  return true
}

/** A backup travels: the password of a server must not. */
function withoutPassword(spec: ShardSpec): ShardSpec {
  return { ...spec, connectionString: spec.connectionString.replace(/\/\/[^/@]*@/, '//') }
}
