import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { UserData } from '../../../../storage/user-data.ts'
import { storeFolder } from '../../../support/store-folder.ts'
import { finishedQuery, userDataIn } from '../../../support/user-data.ts'

describe('users', () => {
  const folder = storeFolder()
  let number = 0
  let data: UserData

  beforeEach(async () => {
    number += 1
    data = userDataIn(join(folder.path, String(number)))
    await data.start()
  })

  afterEach(async () => {
    await data.stop()
  })

  after(folder.remove)

  it('makes a user at first sight, once, and nobody sysop by it', async () => {
    const [first, again] = await Promise.all([data.user('a'), data.user('a')])
    assert.deepEqual(first, again)
    assert.equal(first.sysop, false)
  })

  it('makes the first user sysop that wants it, once, though others came before', async () => {
    for (const guid of ['local', 'a', 'b']) await data.user(guid)
    const both = await Promise.all([data.users.becomeFirstSysop('a'), data.users.becomeFirstSysop('b')])
    assert.deepEqual(
      both.map(({ sysop }) => sysop),
      [true, false],
    )
    assert.equal((await data.user('a')).sysop, true)
    await data.users.update('a', { sysop: false })
    assert.equal((await data.users.becomeFirstSysop('a')).sysop, false, 'not again, once that was taken back')
    await assert.rejects(data.users.becomeFirstSysop('nobody'), { code: 'USER_NOT_FOUND' })
  })

  it('does not make the next stranger sysop when the first one is erased', async () => {
    for (const guid of ['a', 'b']) await data.user(guid)
    await data.users.becomeFirstSysop('a')
    await data.erase('a')
    assert.equal((await data.users.becomeFirstSysop('b')).sysop, false)
  })

  it('makes no stranger sysop where the operator chose one', async () => {
    for (const guid of ['a', 'b']) await data.user(guid)
    await data.users.update('a', { sysop: true })
    assert.equal((await data.users.becomeFirstSysop('b')).sysop, false)
    await assert.rejects(data.users.update('nobody', { sysop: true }), { code: 'USER_NOT_FOUND' })
  })

  it('shuts a user out over restarts, until they are let in or erased', async () => {
    for (const guid of ['a', 'b']) {
      await data.user(guid)
      assert.equal((await data.users.ban(guid, true)).banned, true)
    }
    await data.stop()
    await data.start()
    assert.deepEqual([data.isBanned('a'), data.isBanned('b'), data.isBanned('c')], [true, true, false])
    assert.equal((await data.users.ban('a', false)).banned, false)
    await data.erase('b')
    assert.deepEqual([data.isBanned('a'), data.isBanned('b')], [false, false])
    await assert.rejects(data.users.ban('nobody', true), { code: 'USER_NOT_FOUND' })
  })

  it('gives a nickname to one user only, whatever its case, and frees it by renaming', async () => {
    await data.user('a', 'Ada')
    await assert.rejects(data.user('b', 'ADA '), { code: 'NICKNAME_TAKEN' })
    await data.users.update('a', { nickname: 'Countess' })
    assert.equal((await data.user('b', 'ada')).nickname, 'ada')
  })

  it('lets one of many that claim a nickname at once have it', async () => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => data.user(`u${n}`, 'same')))
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  it('gives credits once', async () => {
    await data.user('a')
    await data.users.credit('a', 'gift', 5, 'welcome')
    assert.equal((await data.users.credit('a', 'gift', 5, 'welcome')).balanceMicros, 5_000_000)
  })

  it('knows the account anew when it changed: no reader is shown an older one', async () => {
    await data.user('a')
    await data.recordQuery('a', finishedQuery('q'))
    assert.equal((await data.user('a')).queryCount, 1)
    await data.users.ban('a', true)
    assert.equal((await data.user('a')).banned, true)
  })

  it('bounds what a user may set, name by name', async () => {
    await data.user('a')
    await data.users.update('a', { settings: { theme: 'dark' } })
    await data.users.update('a', { settings: { size: 3 } })
    assert.deepEqual((await data.user('a')).settings, { theme: 'dark', size: 3 })
    const many = Object.fromEntries(Array.from({ length: 63 }, (_, n) => [`s${n}`, n]))
    for (const settings of [many, { long: 'x'.repeat(4_097) }, { '1st': 1 }, { constructor: 'x' }])
      await assert.rejects(data.users.update('a', { settings }), { code: 'BAD_REQUEST' })
    await assert.rejects(data.users.update('nobody', { history: true }), { code: 'USER_NOT_FOUND' })
  })
})
