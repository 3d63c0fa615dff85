/** A ShardStore in memory, for tests that are not about a medium. Closing and opening again keeps what was written. */
import { MemoryLevel } from 'memory-level'
import { AbstractLevelStore, type ByteLevel } from '../../storage/store/abstract-level-store.ts'
import type { ShardStore } from '../../storage/store/shard-store.ts'

export function memoryShardStore(name = 'memory'): ShardStore {
  const db = new MemoryLevel<string, Uint8Array>({ keyEncoding: 'utf8', valueEncoding: 'view' })
  return new AbstractLevelStore(db as unknown as ByteLevel, { kind: 'memory', name })
}
