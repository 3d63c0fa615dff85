/** A shard in memory, started; its commits wait a millisecond for company. */
import { Shard, type ShardInit } from '../../storage/shard/shard.ts'
import type { ShardStore } from '../../storage/store/shard-store.ts'
import { memoryShardStore } from './memory-shard-store.ts'

export async function memoryShard(
  store: ShardStore = memoryShardStore(),
  init: Partial<ShardInit> = {},
): Promise<Shard> {
  await store.open()
  const shard = new Shard({ store }, { name: 'test', epoch: '00'.repeat(8), windowMs: 1, ...init })
  await shard.start()
  return shard
}
