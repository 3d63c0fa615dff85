import assert from 'node:assert/strict'
import { ManualClock } from '../../../support/manual-clock.ts'
import { MemoryUsers } from '../../../support/memory-records.ts'

describe('the files of users', () => {
  it('are theirs alone, until they expire by the clock on the wall', async () => {
    const clock = new ManualClock()
    const { files } = new MemoryUsers(() => clock.wall())
    const at = clock.wall()
    await files.begin('ann', { id: 'f', name: 'n', purpose: 'batch', at, expiresAt: at + 1_000 })
    await files.append('ann', 'f', Buffer.from('x'))
    await files.finish('ann', 'f')
    assert.equal((await files.take('ann', 'f')).bytes, 1)
    await assert.rejects(files.take('bob', 'f'), { code: 'FILE_NOT_FOUND' })
    assert.equal(await files.remove('bob', 'f'), false)
    clock.advance(1_000)
    await assert.rejects(files.take('ann', 'f'), { code: 'FILE_NOT_FOUND' })
    assert.deepEqual(await files.list('ann'), [])
  })
})
