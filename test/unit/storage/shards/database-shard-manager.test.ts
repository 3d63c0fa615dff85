import assert from 'node:assert/strict'
import type { UserData } from '../../../../storage/user-data.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { userDataIn } from '../../../support/user-data.ts'

describe('DatabaseShardManager', () => {
  const folder = temporaryFolder()
  let data: UserData

  beforeEach(async () => {
    data = userDataIn(folder.path('users'))
    await data.start()
  })

  afterEach(() => data.stop())

  it('notes a new shard and the move of users to it in one commit: a crash leaves both, or neither', async () => {
    const [index] = data.stores()
    const before = index?.head.seq ?? 0
    await data.shards.add({ name: 'extra', connectionString: 'level:extra' })
    assert.deepEqual([index?.head.seq, data.shards.plan.opened?.includes('extra')], [before + 1, true])
    await data.shards.settled()
    assert.ok(data.shards.plan.current.includes('extra'))
  })
})
