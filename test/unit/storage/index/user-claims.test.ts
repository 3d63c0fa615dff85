import assert from 'node:assert/strict'
import { CrossShardIndex } from '../../../../storage/index/cross-shard-index.ts'
import { assertNickname, canonicalNickname, MAX_NICKNAME_LENGTH } from '../../../../storage/index/user-claims.ts'
import { memoryShard } from '../../../support/memory-shard.ts'

const claim = (nickname: string, old?: string) =>
  ({ kind: 'nickname', guid: 'g', nickname, ...(old === undefined ? {} : { old }) }) as const

describe('claims of users', () => {
  let index: CrossShardIndex

  beforeEach(async () => {
    index = new CrossShardIndex({ shard: await memoryShard() })
    await index.load()
  })

  const settled = async (user: string, nickname: string): Promise<void> => {
    await index.claims.claimNickname(user, claim(nickname))
    await index.claims.settle(user, claim(nickname), nickname)
  }

  const firstSysop = async (user: string): Promise<boolean> => {
    const isFirst = await index.claims.claimSysop(user, { kind: 'sysop', guid: 'g' })
    await index.claims.settleSysop(user)
    return isFirst
  }

  it('give a nickname to one user, compared without case, width and blanks', async () => {
    await settled('u1', 'Ada')
    for (const same of ['ada', ' ADA ', 'Ａda', 'a\u200dda'])
      await assert.rejects(index.claims.claimNickname('u2', claim(same)), {
        code: 'NICKNAME_TAKEN',
        message: `the nickname ${same} belongs to another user`,
      })
    assert.equal(await index.claims.holderOf('aDa'), 'u1')
  })

  it('make the first who wants it sysop, and no other, not even the same again', async () => {
    await settled('u1', 'a')
    assert.equal(await firstSysop('u2'), true)
    assert.equal(await firstSysop('u3'), false)
    assert.equal(await firstSysop('u2'), false)
  })

  it('leave the place of first sysop to nobody once the operator chose one', async () => {
    await index.claims.closeSysop('u1')
    assert.equal(await firstSysop('u2'), false)
  })

  it('release the old nickname when the new one is in the account, the new one when it is not', async () => {
    await settled('u1', 'old')
    await index.claims.claimNickname('u1', claim('new', 'old'))
    assert.deepEqual([await index.claims.holderOf('old'), await index.claims.holderOf('new')], ['u1', 'u1'])
    assert.deepEqual([...(await index.claims.underWay()).keys()], ['u1'])
    await index.claims.settle('u1', claim('new', 'old'), 'old')
    assert.deepEqual([await index.claims.holderOf('old'), await index.claims.holderOf('new')], ['u1', undefined])
    await index.claims.claimNickname('u1', claim('new', 'old'))
    await index.claims.settle('u1', claim('new', 'old'), 'new')
    assert.deepEqual([await index.claims.holderOf('old'), await index.claims.holderOf('new')], [undefined, 'u1'])
    assert.equal((await index.claims.underWay()).size, 0)
  })

  it('keep the place of first sysop taken when its user is erased', async () => {
    await settled('u1', 'a')
    await firstSysop('u1')
    await index.claims.beginErase('u1', { kind: 'erase', guid: 'g', nickname: 'a' })
    await index.forget('u1', 'a')
    assert.equal((await index.claims.underWay()).size, 0)
    await settled('u2', 'a')
    assert.equal(await firstSysop('u2'), false)
  })

  it('are written anew for users found in the shards, the sysop and the banned among them', async () => {
    await index.adopt([
      { user: 'u1', nickname: 'a', sysop: false, banned: true },
      { user: 'u2', nickname: 'b', sysop: true, banned: false },
      { user: 'u3', nickname: 'A', sysop: false, banned: false, override: { shard: 's', pinned: true } },
    ])
    assert.deepEqual([await index.claims.holderOf('a'), await index.claims.holderOf('b')], ['u1', 'u2'])
    assert.deepEqual(index.places.override('u3'), { shard: 's', pinned: true })
    assert.deepEqual(
      ['u1', 'u2'].map((user) => index.bans.has(user)),
      [true, false],
    )
    assert.equal(await firstSysop('u4'), false)
  })
})

describe('a nickname', () => {
  it('has a form to compare, and some characters in it', () => {
    assert.equal(canonicalNickname('  ÄB\u0301 '), 'äb\u0301')
    for (const bad of [
      '',
      '   ',
      '\u200d',
      'a\nNick: b',
      'a\u2028b',
      '\u202enimda',
      '\ud800',
      'x'.repeat(MAX_NICKNAME_LENGTH + 1),
    ])
      assert.throws(() => assertNickname(bad), { code: 'BAD_REQUEST' })
    for (const fit of ['x'.repeat(MAX_NICKNAME_LENGTH), 'Ada  L.', '\u{1f469}\u200d\u{1f4bb}', 'می\u200cخواهم'])
      assertNickname(fit)
    assert.equal(canonicalNickname('Ada  L.'), canonicalNickname(' ada l.'))
  })
})
