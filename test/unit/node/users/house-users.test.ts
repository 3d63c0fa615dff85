import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { defined } from '../../../../core/defined.ts'
import type { RealmeshError } from '../../../../core/realmesh-error.ts'
import type { UserChange } from '../../../../node/api/known-users.ts'
import { BanWatch } from '../../../../node/users/ban-watch.ts'
import { HouseUsers } from '../../../../node/users/house-users.ts'
import { RunningQueries } from '../../../../node/users/running-queries.ts'
import { UserHandles } from '../../../../node/users/user-handles.ts'
import { defaultSharding } from '../../../../storage/shards/sharding-config.ts'
import type { UserData } from '../../../../storage/user-data.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'
import { storeFolder } from '../../../support/store-folder.ts'
import { finishedQuery, userDataIn } from '../../../support/user-data.ts'

describe('the users of the house', () => {
  const folder = storeFolder()
  let number = 0
  let data: UserData
  let running: RunningQueries
  let users: HouseUsers
  let told: UserChange[]

  const make = (watch?: BanWatch): HouseUsers => {
    const made = new HouseUsers(
      { data, running, handles: new UserHandles(Buffer.alloc(32, 7)), caughtUp: async () => {}, ...defined({ watch }) },
      { prices: { perQuery: 0.01, perSecond: 0.001 } },
    )
    made.onChange((change) => told.push(change))
    return made
  }

  beforeEach(async () => {
    number += 1
    told = []
    running = new RunningQueries()
    data = userDataIn(join(folder.path, `home-${number}`))
    users = make()
    await data.start()
  })

  afterEach(async () => {
    await data.stop()
  })

  after(folder.remove)

  /** A query that runs for `user`; what ends it is noted. */
  const runs = (user: string, id: string): RealmeshError[] => {
    const ends: RealmeshError[] = []
    running.add({ query: chatQuery({ user, id }), since: 1, servedBy: undefined, end: (why) => void ends.push(why) })
    return ends
  }

  it('enter at first sight, with what their served queries cost', async () => {
    assert.deepEqual(users.totals().queries, 0)
    const { nickname, createdAt: _, ...fresh } = await users.enter('ann')
    assert.match(nickname, /^user-/)
    assert.deepEqual(fresh, {
      guid: 'ann',
      handle: users.handleOf('ann'),
      sysop: false,
      banned: false,
      history: true,
      queryCount: 0,
      totalTimeMs: 0,
      totalCost: 0,
      balance: 0,
    })
    await data.recordQuery('ann', finishedQuery('a', { cost: 0.0112 }))
    await data.recordQuery('ann', finishedQuery('b', { outcome: 'TERMINATED', cost: 0 }))
    const { queryCount, totalTimeMs, totalCost, balance } = await users.enter('ann')
    assert.deepEqual([queryCount, totalTimeMs, totalCost, balance], [1, 1_200, 0.0112, -0.0112])
  })

  it('wait for the user data to open', async () => {
    await data.stop()
    data = userDataIn(join(folder.path, `late-${number}`))
    users = make()
    const entering = users.enter('ann')
    assert.notEqual(users.opening, undefined)
    await data.start()
    assert.equal((await entering).guid, 'ann')
    assert.equal(users.opening, undefined)
  })

  it('have one sysop by being first, among those that may be, however many come at once', async () => {
    await users.enter('local')
    await users.enter('key-1')
    const entered = await Promise.all(['a', 'b', 'c'].map((guid) => users.enter(guid, { mayBecomeSysop: true })))
    assert.equal(entered.filter(({ sysop }) => sysop).length, 1)
    assert.deepEqual(
      told.map(({ kind }) => kind),
      ['promoted'],
    )
    const [sysop = ''] = entered.flatMap(({ sysop, guid }) => (sysop ? [guid] : []))
    await users.setSysop(sysop, false)
    users = make() // as after a restart
    assert.equal((await users.enter('d', { mayBecomeSysop: true })).sysop, false)
    assert.equal((await users.enter(sysop, { mayBecomeSysop: true })).sysop, false)
  })

  it('are never made sysop by being first while they are banned, nor once the operator chose one', async () => {
    await users.enter('ann')
    await users.ban('ann')
    assert.equal((await users.enter('ann', { mayBecomeSysop: true })).sysop, false)
    await users.enter('bob')
    await users.setSysop(users.handleOf('bob'), true)
    assert.equal((await users.enter('cid', { mayBecomeSysop: true })).sysop, false)
  })

  it('have names of their own', async () => {
    await users.enter('ann')
    await users.enter('bob')
    assert.equal((await users.rename('ann', 'Ada')).nickname, 'Ada')
    await assert.rejects(users.rename('bob', 'ADA'), { code: 'NICKNAME_TAKEN' })
    await assert.rejects(users.rename('nobody', 'x'), { code: 'USER_NOT_FOUND' })
    assert.deepEqual(told, [{ kind: 'renamed', guid: 'ann', handle: users.handleOf('ann') }])
  })

  it('are shut out at once, by handle or GUID, with all that runs for them, and let in again', async () => {
    await users.enter('ann')
    const [hers, other] = [runs('ann', '1'), runs('bob', '1')]
    assert.equal((await users.ban(users.handleOf('ann'))).banned, true)
    assert.deepEqual([users.isBanned('ann'), users.isBanned('bob')], [true, false])
    assert.deepEqual([hers.map(({ code }) => code), other], [['USER_BANNED'], []])
    assert.equal((await users.enter('ann')).banned, true)
    assert.equal((await users.unban('ann')).banned, false)
    assert.equal(users.isBanned('ann'), false)
    await assert.rejects(users.ban('nobody'), { code: 'USER_NOT_FOUND' })
    assert.deepEqual(
      told.map(({ kind }) => kind),
      ['banned', 'unbanned'],
    )
  })

  it('lose queries that the operator ends: by id, by user, or one of them', () => {
    const all = [runs('ann', '1'), runs('ann', '2'), runs('bob', '2')]
    assert.equal(users.terminate({ id: '3' }), 0)
    assert.equal(users.terminate({ id: '2', user: users.handleOf('bob') }), 1)
    assert.deepEqual(
      all.map(({ length }) => length),
      [0, 0, 1],
    )
    assert.equal(users.terminate({ user: 'ann' }), 2)
    assert.deepEqual(new Set(all.flat().map(({ code }) => code)), new Set(['TERMINATED']))
    assert.deepEqual(
      told.map(({ kind, guid }) => `${kind} ${guid}`),
      ['terminated bob', 'terminated ann'],
    )
  })

  it('see their queries, newest first, and only those that were served where they ask so', async () => {
    await users.enter('ann')
    for (let n = 1; n <= 6; n += 1) {
      const outcome = n % 2 === 0 ? 'served' : 'TIMEOUT'
      await data.recordQuery('ann', finishedQuery(`q${n}`, { startedAt: n, outcome, prompt: 'hi', answer: 'ho' }))
    }
    const ids = async (page: Parameters<HouseUsers['history']>[1]) =>
      (await users.history('ann', page)).map(({ id }) => id)
    assert.deepEqual(await ids({ limit: 2 }), ['q6', 'q5'])
    assert.deepEqual(await ids({ limit: 2, served: true }), ['q6', 'q4'])
    assert.deepEqual(await ids({ limit: 9, served: true, before: 6 }), ['q4', 'q2'])
    const [newest] = await users.history('ann', { limit: 1, texts: true })
    assert.deepEqual([newest?.prompt, newest?.answer, newest?.tookMs], ['hi', 'ho', 1_200])
    assert.deepEqual(await users.history('nobody', { limit: 1 }), [])
  })

  it('are let in and shut out as before where their shard is out of service', async () => {
    await users.enter('ann')
    await users.enter('bob')
    await users.ban('bob')
    await data.stop()
    for (const { name } of defaultSharding().shards)
      rmSync(join(folder.path, `home-${number}`, 'shards', name, 'db'), { recursive: true })
    await data.start()
    assert.match(data.status().warnings.join(), /it does not open/)
    const watch = new BanWatch({ data, running, clock: new ManualClock(), look: async () => {} })
    users = make(watch)
    await users.opening
    assert.deepEqual([users.isBanned('ann'), users.isBanned('bob')], [false, true])
  })

  it('are credited, once for each id', async () => {
    await users.enter('ann')
    for (let n = 0; n < 2; n += 1) assert.equal((await users.credit('ann', { id: 'gift', credits: 5 })).balance, 5)
    assert.equal((await users.credit('ann', { credits: -1 })).balance, 4)
    await assert.rejects(users.credit('ann', { credits: 1, note: 'x'.repeat(1_001) }), { code: 'BAD_REQUEST' })
    await assert.rejects(users.credit('ann', { credits: Number.NaN }), { code: 'BAD_REQUEST' })
    await assert.rejects(users.credit('nobody', { credits: 1 }), { code: 'USER_NOT_FOUND' })
  })

  it('add up, by type, over restarts', async () => {
    await users.enter('ann')
    await data.recordQuery('ann', finishedQuery('a', { cost: 0.01, tookMs: 10 }))
    await data.recordQuery('ann', finishedQuery('a', { cost: 0.01, tookMs: 10 }))
    await data.recordQuery('ann', finishedQuery('b', { type: 'imagine', cost: 0.02, tookMs: 5 }))
    users.noteConnected(3)
    users.noteConnected(2)
    await data.stop()
    await data.start()
    assert.deepEqual(users.totals(), {
      queries: 2,
      timeMs: 15,
      cost: 0.03,
      byType: { chat: { queries: 1, timeMs: 10 }, imagine: { queries: 1, timeMs: 5 } },
      mostConnected: 3,
    })
  })

  it('cost nothing unless they are served', () => {
    const receipt = { type: 'chat', outcome: 'served', totalMs: 2_000 } as const
    assert.equal(users.costOf(receipt), 0.012)
    assert.equal(users.costOf({ ...receipt, outcome: 'TERMINATED' }), 0)
    assert.equal(users.costOf({ ...receipt, type: 'tokens' }), 0)
  })
})
