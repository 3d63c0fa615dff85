import assert from 'node:assert/strict'
import type { LineResult, UserBatch } from '../../../../../../core/batch/user-batch.ts'
import { RealmeshError } from '../../../../../../core/realmesh-error.ts'
import { MAX_UNWRITTEN_RESULTS, ResultWriter } from '../../../../../../gateway/openai/batches/run/result-writer.ts'
import { ManualClock } from '../../../../../support/manual-clock.ts'
import { until } from '../../../../../support/until.ts'

const BATCH = { id: 'b' } as UserBatch
const RESULT: LineResult = { line: 0, failed: false, text: 'x\n' }

function writer(record: () => Promise<UserBatch>) {
  const clock = new ManualClock()
  const told: unknown[] = []
  const made = new ResultWriter({
    batches: { record },
    clock,
    onWritten: (batch) => told.push(batch),
    onFailed: (error) => told.push(error),
  })
  return { clock, told, writer: made }
}

describe('ResultWriter', () => {
  it('waits for a disk that is full, and loses nothing', async () => {
    let full = true
    const {
      clock,
      told,
      writer: made,
    } = writer(async () => {
      if (full) throw new RealmeshError('STORAGE_FULL', 'full')
      return BATCH
    })
    made.write('ann', BATCH, RESULT)
    await until('it waits', () => clock.pending === 1)
    full = false
    clock.advance(5_000)
    await made.settled()
    assert.deepEqual(told, [BATCH])
  })

  it('waits no more once it is given up', async () => {
    const failure = new RealmeshError('STORAGE_FULL', 'full')
    const { clock, told, writer: made } = writer(() => Promise.reject(failure))
    made.write('ann', BATCH, RESULT)
    await until('it waits', () => clock.pending === 1)
    made.giveUp()
    await made.settled()
    assert.deepEqual(told, [failure])
    assert.equal(clock.pending, 0)
  })

  it('tells at once of anything else, and when too much is unwritten', async () => {
    const gate = Promise.withResolvers<UserBatch>()
    const { told, writer: made } = writer(() => gate.promise)
    for (let n = 0; n < MAX_UNWRITTEN_RESULTS; n += 1) {
      assert.equal(made.isFull, false)
      made.write('ann', BATCH, RESULT)
    }
    assert.equal(made.isFull, true)
    gate.reject(new RealmeshError('NODE_LIMIT', 'too much'))
    await made.settled()
    assert.equal(told.length, MAX_UNWRITTEN_RESULTS)
    assert.equal(made.isFull, false)
  })
})
