import assert from 'node:assert/strict'
import { join } from 'node:path'
import { userRef } from '../../../../storage/rows/keys.ts'
import { textCipher } from '../../../../storage/store/encryption.ts'
import type { UserData } from '../../../../storage/user-data.ts'
import { MAX_RESPONSE_AGE_MS } from '../../../../storage/users/response-shelf.ts'
import { MAX_PIECES } from '../../../../storage/users/running-answers.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { storeFolder } from '../../../support/store-folder.ts'
import { userDataIn } from '../../../support/user-data.ts'

const ANN = userRef('ann')

describe('RunningAnswers', () => {
  const folder = storeFolder()
  const clock = new ManualClock()
  let number = 0
  let data: UserData

  const open = async (cipher = false): Promise<void> => {
    const components = cipher ? { clock, cipher: textCipher(new Uint8Array(32)) } : { clock }
    data = userDataIn(join(folder.path, `${number}`), {}, components)
    await data.start()
    await data.user('ann')
  }

  beforeEach(async () => {
    number += 1
    await open()
  })
  afterEach(() => data.stop())
  after(folder.remove)

  const records = (): number => data.shards.status().reduce((sum, shard) => sum + shard.records, 0)
  const begin = (id: string, text = id) =>
    data.responses.keep(ANN, { id, at: clock.wall(), text }, { runsAt: 'this-node' })
  const append = async (id: string, piece: string): Promise<boolean> => {
    const kept = data.responses.running.append(ANN, id, () => piece)
    await data.flush()
    return await kept
  }

  it('are found after a restart, with all that came, until they end', async () => {
    const before = records()
    await begin('r', 'text')
    assert.deepEqual([await append('r', 'one'), await append('r', 'two')], [true, true])
    await data.stop()
    await open()
    const { text, running } = (await data.responses.find(ANN, 'r')) ?? {}
    assert.deepEqual([text, running], ['text', { by: 'this-node', pieces: ['one', 'two'] }])
    assert.deepEqual(await data.responses.running.unfinished(ANN, 'this-node'), ['r'])
    assert.deepEqual(await data.responses.running.unfinished(ANN, 'another'), [])
    await data.responses.keep(ANN, { id: 'r', at: 1, text: 'all' })
    assert.deepEqual(await data.responses.find(ANN, 'r'), { id: 'r', at: clock.wall(), text: 'all' })
    assert.deepEqual(await data.responses.running.unfinished(ANN, 'this-node'), [])
    assert.equal(records(), before + 2)
  })

  it('take a piece as it is when the commit begins', async () => {
    await begin('r')
    let said = 'early'
    const kept = data.responses.running.append(ANN, 'r', () => said)
    said = 'late'
    await data.flush()
    assert.equal(await kept, true)
    assert.deepEqual((await data.responses.find(ANN, 'r'))?.running?.pieces, ['late'])
  })

  it('take no more than so many pieces before the text is written anew', async () => {
    await begin('r')
    const before = records()
    const many = Array.from({ length: MAX_PIECES }, () => data.responses.running.append(ANN, 'r', () => 'x'))
    await data.flush()
    assert.ok((await Promise.all(many)).every(Boolean))
    assert.equal(await append('r', 'more'), false)
    await begin('r', 'anew')
    assert.equal(records(), before)
    assert.equal(await append('r', 'more'), true)
  })

  it('take nothing of a response that has ended, was removed, or whose user keeps no history', async () => {
    await data.responses.keep(ANN, { id: 'ended', at: 1, text: '' })
    assert.equal(await append('ended', 'x'), false)
    const before = records()
    await begin('gone')
    await append('gone', 'x')
    await data.responses.remove(ANN, 'gone')
    assert.deepEqual([await append('gone', 'y'), records()], [false, before])
    await data.users.update('ann', { history: false })
    assert.deepEqual([await begin('r'), await append('r', 'x')], [false, false])
  })

  it('go with their user, and with their age', async () => {
    const before = records()
    await begin('r')
    await append('r', 'x')
    clock.advance(MAX_RESPONSE_AGE_MS + 1)
    assert.equal(await data.retention.run(), 1)
    assert.equal(records(), before)
    await begin('s')
    await append('s', 'x')
    await data.erase('ann')
    assert.equal(await data.responses.find(ANN, 's'), undefined)
  })

  it('are sealed where the node encrypts', async () => {
    await data.stop()
    await open(true)
    await begin('r')
    await append('r', 'secret words')
    const rows = await data.users.range<object>(ANN, { gte: `u/${ANN.key}/x/`, lt: `u/${ANN.key}/x0`, limit: 9 })
    assert.equal(rows.length, 1)
    assert.doesNotMatch(JSON.stringify(rows), /secret words/)
    assert.deepEqual((await data.responses.find(ANN, 'r'))?.running?.pieces, ['secret words'])
  })
})
