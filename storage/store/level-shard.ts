/** A shard's bytes in LevelDB, in one folder of this machine. */

import { ClassicLevel } from 'classic-level'
import { Level } from 'level'
import { defined } from '../../core/defined.ts'
import { AbstractLevelStore } from './abstract-level-store.ts'
import type { ShardStore } from './shard-store.ts'
import { storageError } from './store-error.ts'

/**
 * What LevelDB gathers in memory before it writes a table: four times its default, so that a busy node's records are
 * sorted and written anew less often (a tenth of a query's CPU went there). A crash costs nothing of it, only the
 * reading of a log of that size at the next start.
 */
export const WRITE_BUFFER_BYTES = 16 * 2 ** 20

export interface LevelShardInit {
  /** Names the shard in errors. */
  readonly name: string
  /** The folder that LevelDB fills; made when `create` is set. */
  readonly directory: string
  /**
   * Only the very first open may create: later a missing CURRENT file means damage, not a fresh store. @default false
   */
  readonly create?: boolean
  /** Bytes of LevelDB's block cache. @default 8388608 (LevelDB's own) */
  readonly cacheBytes?: number
}

export function levelShard(init: LevelShardInit): ShardStore {
  const db = new Level<string, Uint8Array>(init.directory, {
    keyEncoding: 'utf8',
    valueEncoding: 'buffer',
    createIfMissing: init.create ?? false,
    writeBufferSize: WRITE_BUFFER_BYTES,
    ...defined({ cacheSize: init.cacheBytes }),
  })
  return new AbstractLevelStore(db, { kind: 'level', name: init.name })
}

/** LevelDB's own repair. It throws away what it cannot read: give it a copy, never the only one. */
export async function repairLevelFolder(directory: string, name: string): Promise<void> {
  try {
    await ClassicLevel.repair(directory)
  } catch (cause) {
    throw storageError(cause, name)
  }
}
