import { join } from 'node:path'
import { levelShard } from '../../storage/store/level-shard.ts'
import { redisShard } from '../../storage/store/redis-shard.ts'
import { memoryShardStore } from '../support/memory-shard-store.ts'
import { type RedisServer, startRedisServer } from '../support/redis-server.ts'
import { storeFolder } from '../support/store-folder.ts'
import { storeContract } from './store-contract.ts'

const OWN = { shared: false, snapshots: true }

describe('ShardStore: LevelDB', () => {
  const folder = storeFolder()
  let number = 0
  after(folder.remove)
  storeContract(OWN, async () => {
    number += 1
    return levelShard({ name: 'level', directory: join(folder.path, String(number)), create: true })
  })
})

describe('ShardStore: memory', () => {
  storeContract(OWN, async () => memoryShardStore())
})

describe('ShardStore: Redis or Valkey', () => {
  let server: RedisServer | undefined
  let number = 0

  before(async function () {
    server = await startRedisServer(this)
  })

  after(async () => {
    await server?.stop()
  })

  storeContract({ shared: true, snapshots: false }, async () => {
    number += 1
    return redisShard({ url: server?.url ?? '', name: `test${number}` })
  })
})
