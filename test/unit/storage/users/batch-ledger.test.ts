import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type LineResult, NO_BATCH_USAGE, type UserBatch } from '../../../../core/batch/user-batch.ts'
import { MAX_FILE_PIECE_BYTES } from '../../../../storage/rows/file-piece.ts'
import { userRef } from '../../../../storage/rows/keys.ts'
import { MAX_BATCHES_OF_USER } from '../../../../storage/rows/user-space.ts'
import type { UserData } from '../../../../storage/user-data.ts'
import { MAX_FILE_AGE_MS } from '../../../../storage/users/file-shelf.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { storeFolder } from '../../../support/store-folder.ts'
import { userDataIn } from '../../../support/user-data.ts'

const ANN = userRef('ann')

function newBatch(id: string, at: number): UserBatch {
  return {
    id,
    endpoint: '/v1/chat/completions',
    window: '24h',
    inputFile: 'in',
    outputFile: `${id}-out`,
    errorFile: `${id}-err`,
    at,
    expiresAt: at + 86_400_000,
    status: 'in_progress',
    times: {},
    total: 3,
    completed: 0,
    failed: 0,
    usage: NO_BATCH_USAGE,
  }
}

const result = (line: number, text = `line ${line}\n`, failed = false): LineResult => {
  const usage = { promptTokens: 2, cachedTokens: 0, completionTokens: 3, reasoningTokens: 1 }
  return { line, text, failed, ...(!failed && { usage }) }
}

describe('BatchLedger', () => {
  const folder = storeFolder()
  const clock = new ManualClock()
  let number = 0
  let data: UserData
  let batch: UserBatch

  const open = async (): Promise<void> => {
    data = userDataIn(join(folder.path, String(number)), {}, { clock })
    await data.start()
    await data.user('ann')
  }
  beforeEach(async () => {
    number += 1
    await open()
    batch = newBatch('b', clock.wall())
    await data.batches.create(ANN, batch)
  })
  afterEach(() => data.stop())
  after(folder.remove)

  const content = async (id: string): Promise<string> => {
    let text = ''
    for await (const piece of data.files.content(ANN, id)) text += piece.toString()
    return text
  }

  it('notes a result, its count and the length of its file in one commit, and finds all of it after a restart', async () => {
    await data.batches.record(ANN, batch, [result(2), result(0)])
    await data.batches.record(ANN, batch, [result(1, 'no\n', true)])
    await data.stop()
    await open()
    const found = await data.batches.find(ANN, 'b')
    assert.deepEqual([found?.completed, found?.failed], [2, 1])
    assert.deepEqual(found?.usage, { promptTokens: 4, cachedTokens: 0, completionTokens: 6, reasoningTokens: 2 })
    assert.deepEqual(await data.batches.done(ANN, batch), new Set([0, 2, 1]))
    assert.equal(await content('b-out'), 'line 0\nline 2\n')
    assert.equal(await content('b-err'), 'no\n')
  })

  it('counts a line once, whatever comes of it later', async () => {
    await data.batches.record(ANN, batch, [result(0)])
    const again = await data.batches.record(ANN, batch, [result(0, 'other\n'), result(0, 'failed\n', true), result(1)])
    assert.deepEqual([again.completed, again.failed], [2, 0])
    assert.equal(await content('b-out'), 'line 0\nline 1\n')
    assert.equal(await content('b-err'), '')
  })

  it('holds results that are longer than a row, in the order of the lines', async () => {
    const long = `${'é'.repeat(MAX_FILE_PIECE_BYTES)}\n`
    await data.batches.record(ANN, batch, [result(11, 'last\n'), result(2, long)])
    assert.equal(await content('b-out'), `${long}last\n`)
    assert.deepEqual(await data.batches.done(ANN, batch), new Set([2, 11]))
  })

  it('shows what it writes only when it has ended', async () => {
    await data.batches.record(ANN, batch, [result(0)])
    assert.equal(await data.files.find(ANN, 'b-out', clock.wall()), undefined)
    await data.batches.end(ANN, batch, (before) => ({ ...before, status: 'completed' }))
    const file = await data.files.find(ANN, 'b-out', clock.wall())
    assert.deepEqual([file?.bytes, file?.purpose, file?.name], [7, 'batch_output', 'b_output.jsonl'])
    assert.equal(await data.files.find(ANN, 'b-err', clock.wall()), undefined)
    assert.equal((await data.batches.find(ANN, 'b'))?.status, 'completed')
  })

  it('changes nothing when a change throws, and knows no batch of others', async () => {
    await assert.rejects(
      data.batches.update(ANN, 'b', () => {
        throw new Error('no')
      }),
    )
    assert.deepEqual(await data.batches.find(ANN, 'b'), batch)
    assert.equal(await data.batches.find(userRef('bob'), 'b'), undefined)
    await assert.rejects(
      data.batches.update(userRef('bob'), 'b', (same) => same),
      { code: 'BATCH_NOT_FOUND' },
    )
  })

  it('keeps so many batches of a user, and trims those that ended long ago', async () => {
    for (let n = 1; n < MAX_BATCHES_OF_USER; n += 1) await data.batches.create(ANN, newBatch(`b${n}`, clock.wall()))
    await assert.rejects(data.batches.create(ANN, newBatch('one more', clock.wall())), { code: 'NODE_LIMIT' })
    await data.batches.update(ANN, 'b', (before) => ({ ...before, status: 'expired' }))
    clock.advance(MAX_FILE_AGE_MS + 1)
    assert.equal(await data.batches.trim(ANN, { now: clock.wall() }), 1)
    assert.equal((await data.batches.list(ANN)).length, MAX_BATCHES_OF_USER - 1)
    await data.batches.create(ANN, newBatch('one more', clock.wall()))
  })
})
