import assert from 'node:assert/strict'
import type { UserBatch } from '../../../../../../core/batch/user-batch.ts'
import { RealmeshError } from '../../../../../../core/realmesh-error.ts'
import { BatchRun } from '../../../../../../gateway/openai/batches/run/batch-run.ts'
import { MAX_LINES_AT_ONCE } from '../../../../../../gateway/openai/batches/run/line-pace.ts'
import { MAX_LINE_TRIES } from '../../../../../../gateway/openai/batches/run/line-verdict.ts'
import { aborted } from '../../../../../support/aborted.ts'
import { ANSWERED, BatchBench, earlier } from '../../../../../support/batch-bench.ts'
import { turn, until } from '../../../../../support/until.ts'

const USER = 'ann'
const busy = new RealmeshError('REALM_OVERLOADED', 'all are busy')

describe('BatchRun', () => {
  let bench: BatchBench
  beforeEach(() => {
    bench = new BatchBench()
  })

  const runOf = (batch: UserBatch): BatchRun => new BatchRun(bench.components, { user: USER, batch })
  const kept = async ({ id }: UserBatch): Promise<UserBatch> => await bench.node.batches.take(USER, id)
  /** Runs on while the clock is moved whenever it waits. */
  const hurried = async (running: Promise<void>): Promise<void> => {
    let over = false
    const ended = running.finally(() => {
      over = true
    })
    await until(
      'the end',
      () => over,
      () => bench.clock.advance(250),
    )
    await ended
  }

  it('goes from status to status, and dates each', async () => {
    const batch = await bench.make(2)
    await runOf(batch).run()
    const { status, times, total, completed } = await kept(batch)
    assert.deepEqual([status, total, completed], ['completed', 2, 2])
    assert.deepEqual(Object.keys(times), ['validating', 'in_progress', 'finalizing', 'completed'])
    assert.deepEqual(await bench.results(batch.outputFile), [
      ['a', 200],
      ['b', 200],
    ])
    assert.equal(bench.clock.pending, 0)
  })

  it('asks nothing that has a result already, whoever asked it', async () => {
    const batch = await bench.make(3)
    await bench.node.batches.record(USER, batch, [earlier(0), { ...earlier(1), failed: true }])
    await runOf(batch).run()
    assert.deepEqual(
      bench.asked.map(({ id }) => id),
      [`${batch.id}.3`],
    )
    assert.deepEqual(await bench.results(batch.outputFile), [
      ['before-0', 200],
      ['c', 200],
    ])
  })

  it('goes on where it was stopped, with what was under way asked again under the same id', async () => {
    const batch = await bench.make(3)
    const answer = bench.answer
    bench.answer = async (ask) => {
      if (ask.body['n'] === 0) return await answer(ask)
      ask.onBegun()
      await aborted(ask.signal)
      throw ask.signal.reason
    }
    const first = runOf(batch)
    const running = first.run()
    await until('one is written, two run', () => first.batch.completed === 1 && bench.asked.length === 3)
    first.stop()
    await running
    assert.equal((await kept(batch)).status, 'in_progress')
    bench.answer = answer
    await runOf(await kept(batch)).run()
    assert.equal((await kept(batch)).completed, 3)
    const ids = bench.asked.map(({ id }) => id.split('.')[1])
    assert.deepEqual(ids.slice(3).toSorted(), ids.slice(1, 3).toSorted())
    assert.equal(bench.clock.pending, 0)
  })

  it('ends what it has asked when its file cannot be read on', async () => {
    const batch = await bench.make(2)
    const first = runOf(batch)
    const content = bench.node.files.content.bind(bench.node.files)
    let reads = 0
    bench.node.files.content = async function* (user, id) {
      reads += 1
      for await (const piece of content(user, id)) {
        if (reads === 1) yield piece
        else {
          yield piece.subarray(0, piece.indexOf(10) + 1)
          await until('the first line is asked', () => bench.asked.length === 1)
          throw new RealmeshError('STORAGE_DAMAGED', 'a piece is damaged')
        }
      }
    }
    bench.answer = async (ask) => {
      ask.onBegun()
      await aborted(ask.signal)
      throw ask.signal.reason
    }
    await assert.rejects(first.run(), { code: 'STORAGE_DAMAGED' })
    assert.equal(bench.asked[0]?.signal.aborted, true)
    assert.equal(bench.clock.pending, 0)
    assert.equal((await kept(batch)).status, 'in_progress')
  })

  it('asks a line again that had to give way while its file was read to the end', async () => {
    const batch = await bench.make(1)
    const content = bench.node.files.content.bind(bench.node.files)
    const cut = Promise.withResolvers<void>()
    let reads = 0
    bench.node.files.content = async function* (user, id) {
      reads += 1
      yield* content(user, id)
      if (reads > 1) await cut.promise
    }
    const { answer } = bench
    bench.answer = async ({ onBegun }) => {
      onBegun()
      bench.answer = answer
      setImmediate(cut.resolve)
      throw new RealmeshError('ANSWER_CUT', 'cut', { cause: busy })
    }
    const run = runOf(batch)
    await hurried(run.run())
    assert.deepEqual([run.batch.status, run.batch.completed, bench.asked.length], ['completed', 1, 2])
  })

  it('lets as many run as begin, and no more than its bound', async () => {
    const batch = await bench.make(MAX_LINES_AT_ONCE + 5)
    const gate = Promise.withResolvers<void>()
    let most = 0
    let now = 0
    bench.answer = async ({ onBegun }) => {
      onBegun()
      now += 1
      most = Math.max(most, now)
      await gate.promise
      now -= 1
      return ANSWERED
    }
    const running = runOf(batch).run()
    await until('all that may', () => now === MAX_LINES_AT_ONCE)
    await turn()
    gate.resolve()
    await running
    assert.equal(most, MAX_LINES_AT_ONCE)
  })

  it('waits while nothing is idle, tells for what, and asks again', async () => {
    const batch = await bench.make(2)
    const answer = bench.answer
    bench.answer = () => Promise.reject(busy)
    const run = runOf(batch)
    const running = run.run()
    await until('it waits', () => run.progress.waitsFor === 'all are busy')
    const asked = bench.asked.length
    await turn()
    assert.equal(bench.asked.length, asked)
    bench.answer = answer
    await hurried(running)
    assert.deepEqual([run.batch.status, run.batch.completed, run.batch.failed], ['completed', 2, 0])
  })

  it('takes it for no failure that a line had to give way, however often', async () => {
    const batch = await bench.make(1)
    let left = 3 * MAX_LINE_TRIES
    bench.answer = async ({ onBegun }) => {
      onBegun()
      left -= 1
      if (left > 0) throw new RealmeshError('ANSWER_CUT', 'cut', { cause: busy })
      return ANSWERED
    }
    const run = runOf(batch)
    await hurried(run.run())
    assert.deepEqual([run.batch.completed, left], [1, 0])
  })

  it('tries a line that fails some times, then writes down how it failed', async () => {
    const batch = await bench.make(2)
    const answer = bench.answer
    bench.answer = async (ask) => {
      if (ask.body['n'] === 1) return await answer(ask)
      ask.onBegun()
      throw new RealmeshError('ENGINE_FAILED', 'it broke')
    }
    await hurried(runOf(batch).run())
    const { status, completed, failed } = await kept(batch)
    assert.deepEqual([status, completed, failed], ['completed', 1, 1])
    assert.equal(bench.asked.filter(({ body }) => body['n'] === 0).length, MAX_LINE_TRIES)
    assert.deepEqual(await bench.results(batch.errorFile), [['a', 502]])
  })

  it('expires: what runs is ended, what is left says that there was no time', async () => {
    const batch = await bench.make(3, { window: 60_000 })
    const answer = bench.answer
    bench.answer = async (ask) => {
      if (ask.body['n'] === 0) return await answer(ask)
      if (ask.body['n'] === 1) throw busy
      ask.onBegun()
      await aborted(ask.signal)
      throw ask.signal.reason
    }
    await hurried(runOf(batch).run())
    const { status, times, completed, failed } = await kept(batch)
    assert.deepEqual([status, completed, failed], ['expired', 1, 2])
    assert.ok((times.expired ?? 0) >= batch.expiresAt)
    assert.deepEqual(await bench.results(batch.errorFile), [
      ['b', 'batch_expired'],
      ['c', 'batch_expired'],
    ])
  })

  it('expires at once when its time ran out while no node ran', async () => {
    const batch = await bench.make(1, { window: 60_000 })
    bench.clock.advance(60_001)
    await hurried(runOf(batch).run())
    assert.equal((await kept(batch)).status, 'expired')
    assert.equal(bench.asked.length, 0)
  })

  it('fails when its file is gone, or its user has no room for more', async () => {
    const gone = await bench.make(2)
    await bench.node.batches.update(USER, gone.id, (before) => ({ ...before, status: 'in_progress', total: 2 }))
    await bench.node.files.remove(USER, gone.inputFile)
    await runOf(await kept(gone)).run()
    assert.deepEqual([(await kept(gone)).status, (await kept(gone)).problems?.[0]?.code], ['failed', 'input_file_gone'])
    const full = await bench.make(1)
    const answer = bench.answer
    bench.answer = async (ask) => {
      bench.node.kept.records.failures.push(new RealmeshError('NODE_LIMIT', 'too much'))
      return await answer(ask)
    }
    await runOf(full).run()
    assert.deepEqual([(await kept(full)).status, (await kept(full)).problems?.[0]?.code], ['failed', 'node_limit'])
  })

  it('ends quietly when all that is kept of its user is gone', async () => {
    const batch = await bench.make(1)
    const answer = bench.answer
    bench.answer = async (ask) => {
      bench.node.kept.records.rows.clear()
      return await answer(ask)
    }
    await runOf(batch).run()
    assert.equal(bench.node.kept.records.rows.size, 0)
  })
})
