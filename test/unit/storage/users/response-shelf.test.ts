import assert from 'node:assert/strict'
import { join } from 'node:path'
import { userRef } from '../../../../storage/rows/keys.ts'
import { textCipher } from '../../../../storage/store/encryption.ts'
import type { UserData } from '../../../../storage/user-data.ts'
import { MAX_RESPONSE_AGE_MS, MAX_RESPONSE_TEXT } from '../../../../storage/users/response-shelf.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { storeFolder } from '../../../support/store-folder.ts'
import { userDataIn } from '../../../support/user-data.ts'

const ANN = userRef('ann')
const BOB = userRef('bob')

describe('ResponseShelf', () => {
  const folder = storeFolder()
  const clock = new ManualClock()
  let number = 0
  let data: UserData

  const open = async (home: string, cipher = false): Promise<void> => {
    const components = cipher ? { clock, cipher: textCipher(new Uint8Array(32)) } : { clock }
    data = userDataIn(join(folder.path, home), { retention: { maxQueries: 2 } }, components)
    await data.start()
    await data.user('ann')
    await data.user('bob')
  }

  beforeEach(async () => {
    number += 1
    await open(String(number))
  })
  afterEach(() => data.stop())
  after(folder.remove)

  const records = (): number => data.shards.status().reduce((sum, shard) => sum + shard.records, 0)
  const keep = (id: string, text = id): Promise<boolean> => data.responses.keep(ANN, { id, at: clock.wall(), text })

  it('finds what was kept, of the same user only, after a restart too', async () => {
    assert.equal(await keep('r', 'text'), true)
    assert.equal(await data.responses.find(BOB, 'r'), undefined)
    await data.stop()
    await open(String(number))
    assert.equal((await data.responses.find(ANN, 'r'))?.text, 'text')
  })

  it('finds at once what waits for its commit', async () => {
    const kept = data.responses.keep(ANN, { id: 'r', at: 1, text: 'text' }, { behind: true })
    assert.equal((await data.responses.find(ANN, 'r'))?.text, 'text')
    await data.flush()
    assert.equal(await kept, true)
    assert.equal((await data.responses.find(ANN, 'r'))?.text, 'text')
  })

  it('replaces a text and leaves no row behind that was removed', async () => {
    const before = records()
    await data.responses.keep(ANN, { id: 'r', at: 1, text: 'first' })
    await data.responses.keep(ANN, { id: 'r', at: 2, text: 'second' })
    assert.deepEqual(await data.responses.find(ANN, 'r'), { id: 'r', at: 1, text: 'second' })
    assert.equal(records(), before + 2)
    assert.deepEqual([await data.responses.remove(ANN, 'r'), await data.responses.remove(ANN, 'r')], [true, false])
    assert.equal(records(), before)
  })

  it('keeps nothing for a user who keeps no history, and nothing that is too long', async () => {
    await data.users.update('ann', { history: false })
    assert.equal(await keep('r'), false)
    assert.equal(await data.responses.find(ANN, 'r'), undefined)
    await assert.rejects(keep('r', 'x'.repeat(MAX_RESPONSE_TEXT + 1)), { code: 'PROMPT_TOO_LARGE' })
  })

  it('lets go what is too many or too old', async () => {
    const before = records()
    for (const id of ['a', 'b', 'c']) {
      await keep(id)
      clock.advance(1_000)
    }
    assert.equal(await data.retention.run(), 1)
    assert.deepEqual([await data.responses.find(ANN, 'a'), records()], [undefined, before + 4])
    clock.advance(MAX_RESPONSE_AGE_MS)
    assert.equal(await data.retention.run(), 2)
    assert.equal(records(), before)
  })

  it('is exported and erased with its user', async () => {
    await keep('r', 'text')
    const { responses } = await data.export('ann')
    assert.deepEqual(responses, [{ id: 'r', at: clock.wall(), text: 'text' }])
    await data.erase('ann')
    assert.equal(await data.responses.find(ANN, 'r'), undefined)
  })

  it('seals the text where the node encrypts', async () => {
    await data.stop()
    await open(`${number}-sealed`, true)
    await keep('r', 'secret words')
    const rows = await data.users.range<object>(ANN, { gte: `u/${ANN.key}/p/`, lt: `u/${ANN.key}/p0`, limit: 9 })
    assert.doesNotMatch(JSON.stringify(rows), /secret words/)
    assert.equal((await data.responses.find(ANN, 'r'))?.text, 'secret words')
  })
})
