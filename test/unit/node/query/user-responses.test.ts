import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import {
  MAX_REMEMBERED_TEXT,
  MAX_REMEMBERED_TEXT_OF_USER,
  REMEMBERED_FOR_MS,
  UserResponses,
} from '../../../../node/query/user-responses.ts'
import type { UserData } from '../../../../storage/user-data.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { storeFolder } from '../../../support/store-folder.ts'
import { userDataIn } from '../../../support/user-data.ts'

describe('UserResponses', () => {
  const folder = storeFolder()
  const clock = new ManualClock()
  let data: UserData
  let responses: UserResponses

  before(async () => {
    data = userDataIn(folder.path)
    await data.start()
    responses = new UserResponses({ data, clock, log: silentLogger }, { self: 'me' })
  })
  after(async () => {
    await data.stop()
    await folder.remove()
  })

  const found = async (user: string, id: string) => (await responses.find(user, id))?.text

  it('stand in the data of users who keep history, new ones included', async () => {
    await responses.keep('ann', 'r', { at: 1, text: 'x' })
    const again = new UserResponses({ data, clock, log: silentLogger }, { self: 'me' })
    assert.equal((await again.find('ann', 'r'))?.text, 'x')
    assert.equal(await found('bob', 'r'), undefined)
    assert.deepEqual([await responses.remove('ann', 'r'), await responses.remove('ann', 'r')], [true, false])
  })

  it('stand in memory only, and for a while, of users who keep none', async () => {
    await data.user('eve')
    await data.users.update('eve', { history: false })
    await responses.keep('eve', 'r', { at: 1, text: 'x' })
    const again = new UserResponses({ data, clock, log: silentLogger }, { self: 'me' })
    assert.deepEqual([await found('eve', 'r'), await again.find('eve', 'r')], ['x', undefined])
    clock.advance(REMEMBERED_FOR_MS)
    assert.equal(await found('eve', 'r'), undefined)
    await responses.keep('eve', 's', { at: 1, text: 'x' })
    assert.deepEqual([await responses.remove('eve', 's'), await found('eve', 's')], [true, undefined])
  })

  it('are found again with what came of them, by the node that wrote them and by others', async () => {
    assert.equal(await responses.keep('kim', 'r', { at: 1, text: 'x' }, { runs: true }), true)
    assert.equal(await responses.append('kim', 'r', () => 'y'), true)
    const again = new UserResponses({ data, clock, log: silentLogger }, { self: 'me' })
    const other = new UserResponses({ data, clock, log: silentLogger }, { self: 'other' })
    assert.deepEqual(await again.find('kim', 'r'), { at: 1, text: 'x', pieces: ['y'], runs: 'here' })
    assert.equal((await other.find('kim', 'r'))?.runs, 'elsewhere')
    const unfinished = async (of: UserResponses) => {
      const ids = []
      for await (const { user, id } of of.unfinished()) ids.push(`${user} ${id}`)
      return ids
    }
    assert.deepEqual([await unfinished(again), await unfinished(other)], [['kim r'], []])
    await again.keep('kim', 'r', { at: 1, text: 'xy' })
    assert.deepEqual(await unfinished(again), [])
  })

  it('stand in memory where the store cannot be used', async () => {
    const user = async (): Promise<never> => {
      throw new RealmeshError('STORAGE_FULL', 'full')
    }
    const full = new UserResponses(
      { data: { user, users: data.users, responses: data.responses }, clock, log: silentLogger },
      { self: 'me' },
    )
    await full.keep('ann', 'q', { at: 1, text: 'x' })
    assert.equal((await full.find('ann', 'q'))?.text, 'x')
  })

  it('in memory are so much of one user, the oldest gone first, and of no other user less', async () => {
    const user = async (): Promise<never> => {
      throw new RealmeshError('STORAGE_FULL', 'full')
    }
    const full = new UserResponses(
      { data: { user, users: data.users, responses: data.responses }, clock, log: silentLogger },
      { self: 'me' },
    )
    const has = async (name: string, id: string): Promise<boolean> => (await full.find(name, id)) !== undefined
    await full.keep('bob', 'his', { at: 1, text: 'x' })
    const text = 'x'.repeat(MAX_REMEMBERED_TEXT_OF_USER / 4)
    const times = Array.from({ length: (2 * MAX_REMEMBERED_TEXT) / text.length }, (_, n) => n)
    for (const n of times) await full.keep('ann', `a${n}`, { at: 1, text })
    assert.ok(await has('bob', 'his'))
    const left = []
    for (const n of times) if (await has('ann', `a${n}`)) left.push(n)
    assert.deepEqual(left, times.slice(-4))
    await full.keep('ann', 'same', { at: 1, text: 'x' })
    await full.keep('ann', 'same', { at: 1, text: 'y' })
    await full.keep('ann', 'much', { at: 1, text: 'x'.repeat(MAX_REMEMBERED_TEXT_OF_USER + 1) })
    assert.deepEqual([await has('ann', 'same'), await has('ann', 'much')], [true, false])
    full.forgetUser('ann')
    assert.deepEqual([await has('ann', 'same'), await has('bob', 'his')], [false, true])
  })
})
