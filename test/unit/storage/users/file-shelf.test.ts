import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { NewFile } from '../../../../core/batch/user-file.ts'
import { MAX_FILE_PIECE_BYTES } from '../../../../storage/rows/file-piece.ts'
import { userRef } from '../../../../storage/rows/keys.ts'
import { MAX_FILES_OF_USER } from '../../../../storage/rows/user-space.ts'
import { textCipher } from '../../../../storage/store/encryption.ts'
import type { UserData } from '../../../../storage/user-data.ts'
import { MAX_FILE_AGE_MS } from '../../../../storage/users/file-shelf.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { storeFolder } from '../../../support/store-folder.ts'
import { userDataIn } from '../../../support/user-data.ts'

const ANN = userRef('ann')
const BOB = userRef('bob')
const HOUR = 3_600_000

describe('FileShelf', () => {
  const folder = storeFolder()
  const clock = new ManualClock()
  let number = 0
  let data: UserData

  const open = async (cipher = false): Promise<void> => {
    const components = cipher ? { clock, cipher: textCipher(new Uint8Array(32)) } : { clock }
    data = userDataIn(join(folder.path, String(number)), {}, components)
    await data.start()
    await data.user('ann')
  }
  beforeEach(async () => {
    number += 1
    await open()
  })
  afterEach(() => data.stop())
  after(folder.remove)

  const about = (id: string): NewFile => {
    return { id, name: 'in.jsonl', purpose: 'batch', at: clock.wall(), expiresAt: clock.wall() + HOUR }
  }
  const keep = async (id: string, ...parts: readonly Buffer[]): Promise<void> => {
    await data.files.begin(ANN, about(id))
    for (const part of parts) await data.files.append(ANN, id, part)
    await data.files.finish(ANN, id)
  }
  const content = async (id: string, user = ANN): Promise<Buffer> => {
    const pieces: Buffer[] = []
    for await (const piece of data.files.content(user, id)) pieces.push(piece)
    return Buffer.concat(pieces)
  }
  const records = (): number => data.shards.status().reduce((sum, shard) => sum + shard.records, 0)

  it('gives back every byte, in pieces that rows may hold, after a restart too', async () => {
    const bytes = Buffer.from(Array.from({ length: 3 * MAX_FILE_PIECE_BYTES + 7 }, (_, i) => (i * 31) % 256))
    await keep('f', bytes.subarray(0, 100), bytes.subarray(100))
    await data.stop()
    await open()
    assert.deepEqual(await content('f'), bytes)
    assert.equal((await data.files.find(ANN, 'f', clock.wall()))?.bytes, bytes.length)
    for await (const piece of data.files.content(ANN, 'f')) assert.ok(piece.length <= MAX_FILE_PIECE_BYTES)
  })

  it('shows nothing of it to another user, and nothing before it is whole', async () => {
    await data.files.begin(ANN, about('f'))
    await data.files.append(ANN, 'f', Buffer.from('x'))
    assert.equal(await data.files.find(ANN, 'f', clock.wall()), undefined)
    assert.deepEqual(await data.files.list(ANN, clock.wall()), [])
    await data.files.finish(ANN, 'f', { name: 'out.jsonl' })
    assert.equal((await data.files.list(ANN, clock.wall()))[0]?.name, 'out.jsonl')
    assert.equal(await data.files.find(BOB, 'f', clock.wall()), undefined)
    assert.equal((await content('f', BOB)).length, 0)
    await assert.rejects(data.files.append(ANN, 'f', Buffer.from('y')), { code: 'FILE_NOT_FOUND' })
  })

  it('leaves no row behind of what is removed, and its room is free again', async () => {
    await keep('other', Buffer.from('other'))
    const before = records()
    await keep('f', Buffer.alloc(MAX_FILE_PIECE_BYTES * 2))
    assert.deepEqual([await data.files.remove(ANN, 'f'), await data.files.remove(ANN, 'f')], [true, false])
    assert.equal(records(), before)
    assert.equal((await content('other')).toString(), 'other')
  })

  it('keeps so many files of a user, and no more', async () => {
    for (let n = 0; n < MAX_FILES_OF_USER; n += 1) await data.files.begin(ANN, about(`f${n}`))
    await assert.rejects(data.files.begin(ANN, about('one more')), {
      code: 'NODE_LIMIT',
      message: /keeps 1000 files for a user/,
    })
    await data.files.remove(ANN, 'f7')
    await data.files.begin(ANN, about('one more'))
  })

  it('is not there once it has expired, and is removed by the next trim, like what broke off', async () => {
    await keep('f', Buffer.from('x'))
    await data.files.begin(ANN, about('broke off'))
    clock.advance(HOUR)
    assert.equal(await data.files.find(ANN, 'f', clock.wall()), undefined)
    const before = records()
    clock.advance(1)
    assert.equal(await data.files.trim(ANN, { now: clock.wall() }), 2)
    assert.equal(records(), before - 3)
  })

  it('trims what is older than the user data keeps anything, but not what a batch still writes', async () => {
    const long = { expiresAt: clock.wall() + 2 * MAX_FILE_AGE_MS }
    await data.files.begin(ANN, { ...about('f'), ...long })
    await data.files.finish(ANN, 'f')
    await data.files.begin(ANN, { ...about('out'), ...long, purpose: 'batch_output' })
    clock.advance(2 * HOUR)
    assert.equal(await data.files.trim(ANN, { now: clock.wall() }), 0)
    assert.equal(await data.files.trim(ANN, { now: clock.wall(), maxAgeMs: HOUR }), 2)
  })

  it('seals the content where the node encrypts', async () => {
    await data.stop()
    number += 1
    await open(true)
    const bytes = Buffer.from([0, 255, 128, 10])
    await keep('f', bytes)
    assert.deepEqual(await content('f'), bytes)
    const rows = await data.users.range<{ data?: string }>(ANN, {
      gte: `u/${ANN.key}/g/`,
      lt: `u/${ANN.key}/g0`,
      limit: 9,
    })
    assert.equal(rows.length, 1)
    assert.equal(rows[0]?.value.data, undefined)
  })
})
