import assert from 'node:assert/strict'
import { CrossShardIndex } from '../../../../storage/index/cross-shard-index.ts'
import { rebuildIndex } from '../../../../storage/index/rebuild-index.ts'
import { type Account, newAccount } from '../../../../storage/rows/account.ts'
import { accountKey, userRef } from '../../../../storage/rows/keys.ts'
import type { Shard } from '../../../../storage/shard/shard.ts'
import { memoryShard } from '../../../support/memory-shard.ts'

const account = (guid: string, more: Partial<Account> = {}): Account => ({
  ...newAccount({ guid, nickname: `nick ${guid}`, sysop: false, createdAt: 0, history: true }),
  ...more,
})

async function shardWith(name: string, ...accounts: readonly Account[]): Promise<Shard> {
  const shard = await memoryShard(undefined, { name })
  await shard.transact({
    reads: [],
    apply: (view) => {
      for (const one of accounts) view.write(accountKey(userRef(one.guid).key), one)
    },
  })
  return shard
}

describe('an index that is written anew', () => {
  it('knows who has which nickname, who lives elsewhere than the map says, who is shut out, and the sysop', async () => {
    const index = new CrossShardIndex({ shard: await memoryShard() })
    const shards = [
      await shardWith('one', account('a'), account('b', { sysop: true })),
      await shardWith('two', account('c', { banned: true })),
    ]
    const report = await rebuildIndex({ index, shards, mapPlace: () => 'one' })
    assert.deepEqual(report, { users: 3, doubled: 0 })
    assert.equal(await index.claims.holderOf('NICK c'), userRef('c').key)
    assert.deepEqual([...index.places.overrides()], [[userRef('c').key, { shard: 'two', pinned: false }]])
    assert.equal(await index.claims.claimSysop('d', { kind: 'sysop', guid: 'd' }), false)
    assert.equal(index.bans.has(userRef('c').key), true)
  })

  it('takes the copy that has seen more of a user that a cut-off move left twice', async () => {
    const index = new CrossShardIndex({ shard: await memoryShard() })
    const shards = [
      await shardWith('one', account('a', { queryCount: 4, nickname: 'before' }), account('b', { lastQueryAt: 9 })),
      await shardWith('two', account('a', { queryCount: 5, nickname: 'after' }), account('b', { lastQueryAt: 8 })),
    ]
    const report = await rebuildIndex({ index, shards, mapPlace: () => 'one' })
    assert.deepEqual(report, { users: 2, doubled: 2 })
    assert.equal(await index.claims.holderOf('after'), userRef('a').key)
    assert.equal(await index.claims.holderOf('before'), undefined)
    assert.deepEqual([...index.places.overrides().keys()], [userRef('a').key])
  })
})
