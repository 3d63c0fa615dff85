import assert from 'node:assert/strict'
import { join } from 'node:path'
import { NO_BATCH_USAGE, type UserBatch } from '../../../../core/batch/user-batch.ts'
import { UserBatches } from '../../../../node/files/user-batches.ts'
import { userRef } from '../../../../storage/rows/keys.ts'
import type { UserData } from '../../../../storage/user-data.ts'
import { storeFolder } from '../../../support/store-folder.ts'
import { userDataIn } from '../../../support/user-data.ts'

const BATCH: UserBatch = {
  id: 'batch_1',
  endpoint: '/v1/x',
  window: '24h',
  inputFile: 'in',
  outputFile: 'out',
  errorFile: 'err',
  at: Date.now(),
  expiresAt: Date.now() + 86_400_000,
  status: 'in_progress',
  times: {},
  total: 1,
  completed: 0,
  failed: 0,
  usage: NO_BATCH_USAGE,
}

describe('the batches of users', () => {
  const folder = storeFolder()
  let data: UserData
  let batches: UserBatches
  beforeEach(() => {
    data = userDataIn(join(folder.path, String(Math.random())))
    batches = new UserBatches({ data })
  })
  afterEach(() => data.stop())
  after(folder.remove)

  const unfinished = async (): Promise<readonly string[]> => {
    const found: string[] = []
    for await (const { user, batch } of batches.unfinished()) found.push(`${user} ${batch.id}`)
    return found.sort()
  }

  it('are known once the user data is open: those of every user that have not ended', async () => {
    const early = unfinished()
    await data.start()
    assert.deepEqual(await early, [])
    await batches.create('ann', BATCH)
    await batches.create('ann', { ...BATCH, id: 'batch_2', status: 'completed' })
    await batches.create('bob', { ...BATCH, id: 'batch_3', status: 'cancelling' })
    assert.deepEqual(await unfinished(), ['ann batch_1', 'bob batch_3'])
    await assert.rejects(batches.take('bob', 'batch_1'), { code: 'BATCH_NOT_FOUND' })
  })

  it('are exported with the files of their user, and erased with all else', async () => {
    await data.start()
    await batches.create('ann', BATCH)
    await batches.record('ann', BATCH, [{ line: 0, failed: false, text: 'answer\n' }])
    await batches.end('ann', BATCH, (before) => ({ ...before, status: 'completed' }))
    const exported = await data.export('ann')
    assert.deepEqual([exported.batches[0]?.completed, exported.files[0]?.about.id], [1, 'out'])
    const pieces: Buffer[] = []
    for await (const piece of exported.files[0]?.content() ?? []) pieces.push(piece)
    assert.equal(Buffer.concat(pieces).toString(), 'answer\n')
    await data.erase('ann')
    assert.deepEqual(await data.batches.list(userRef('ann')), [])
    const left = await data.users.range(userRef('ann'), { gte: 'u/', lt: 'u0', limit: 10 }).catch(() => [])
    assert.deepEqual(left, [])
  })

  it('end when their user is erased: who runs them is told', () => {
    const told: string[] = []
    const stop = batches.onErase((user) => told.push(user))
    batches.forgetUser('ann')
    stop()
    batches.forgetUser('bob')
    assert.deepEqual(told, ['ann'])
  })
})
