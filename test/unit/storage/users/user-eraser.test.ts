import assert from 'node:assert/strict'
import { join } from 'node:path'
import { userRef } from '../../../../storage/rows/keys.ts'
import type { UserData } from '../../../../storage/user-data.ts'
import { everythingIn, storeFolder } from '../../../support/store-folder.ts'
import { finishedQuery, userDataIn } from '../../../support/user-data.ts'

describe('the end of a user', () => {
  const folder = storeFolder()
  let number = 0
  let home = ''
  let data: UserData

  beforeEach(async () => {
    number += 1
    home = join(folder.path, String(number))
    data = userDataIn(home)
    await data.start()
  })

  afterEach(async () => {
    await data.stop()
  })

  after(folder.remove)

  it('comes after everything was exported, and leaves nothing on the medium', async () => {
    const guid = 'guid-5f1d-canary'
    await data.user(guid, 'canary-nick')
    for (let n = 0; n < 3; n += 1)
      await data.recordQuery(guid, finishedQuery(`q${n}`, { prompt: `canary ${n}`, peer: 'p' }))
    const exported = await data.export(guid)
    assert.equal(exported.queries.length, 3)
    assert.equal(exported.queries[0]?.prompt?.startsWith('canary'), true)
    assert.equal(exported.account.queryCount, 3)
    await data.erase(guid)
    await assert.rejects(data.export(guid), { code: 'USER_NOT_FOUND' })
    assert.equal((await data.user('b', 'canary-nick')).queryCount, 0)
    await data.erase('b')
    await data.stop()
    assert.ok(!everythingIn(home).includes('canary'))
  })

  it('is finished by the next start when it was cut off', async () => {
    await data.user('a', 'ada')
    await data.recordQuery('a', finishedQuery('q'))
    const { key } = userRef('a')
    // What stands in the index when the process dies behind the intent.
    const intent = { key: `i/${key}`, value: { kind: 'erase', guid: 'a', nickname: 'ada' } }
    const [index] = data.stores()
    await index?.transact({ reads: [], apply: (view) => view.write(intent.key, intent.value) })
    await data.stop()
    await data.start()
    assert.equal(await data.users.find('a'), undefined)
    assert.equal((await data.user('b', 'ada')).nickname, 'ada')
  })

  it('is refused for a user that is not known', async () => {
    await assert.rejects(data.erase('nobody'), { code: 'USER_NOT_FOUND' })
    await assert.rejects(data.export('nobody'), { code: 'USER_NOT_FOUND' })
  })
})
