import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../../../core/realmesh-error.ts'
import {
  BatchRunner,
  MAX_BATCHES_AT_ONCE,
  MAX_BATCHES_AT_ONCE_OF_USER,
} from '../../../../../../gateway/openai/batches/run/batch-runner.ts'
import { aborted } from '../../../../../support/aborted.ts'
import { ANSWERED, BatchBench } from '../../../../../support/batch-bench.ts'
import { turn, until, untilAnswer } from '../../../../../support/until.ts'

describe('BatchRunner', () => {
  let bench: BatchBench
  let runner: BatchRunner
  beforeEach(() => {
    bench = new BatchBench()
    runner = new BatchRunner(bench.components)
  })
  afterEach(() => runner.stop())

  const begin = async (user: string) => {
    const batch = await bench.make(1, { user })
    runner.add({ user, batch })
    return batch
  }
  /** Lines that are answered when the test wants it. */
  const held = (): { readonly release: () => void } => {
    const gate = Promise.withResolvers<void>()
    bench.answer = async ({ onBegun, signal }) => {
      onBegun()
      await Promise.race([gate.promise, aborted(signal)])
      signal.throwIfAborted()
      return ANSWERED
    }
    return { release: gate.resolve }
  }
  const asked = (user: string): number => bench.asked.filter((ask) => ask.user === user).length

  it('takes up at its start what has not ended, of every user', async () => {
    const made = [await bench.make(1, { user: 'ann' }), await bench.make(1, { user: 'bob' })]
    await runner.start()
    await until('both are answered', () => bench.asked.length === 2)
    await until('both have ended', () => made.every(({ id }) => runner.progress(id) === undefined))
    assert.equal((await bench.node.batches.take('bob', made[1]?.id ?? '')).status, 'completed')
    await runner.start()
    await turn()
    assert.equal(bench.asked.length, 2)
  })

  it('runs some at a time, and of one user so few that others have their turn', async () => {
    const { release } = held()
    for (let n = 0; n < MAX_BATCHES_AT_ONCE; n += 1) await begin('ann')
    await begin('bob')
    await until('bob is asked', () => asked('bob') === 1)
    assert.equal(asked('ann'), MAX_BATCHES_AT_ONCE_OF_USER)
    release()
    await until('all are asked', () => asked('ann') === MAX_BATCHES_AT_ONCE)
  })

  it('cancels one that waits for its turn at once', async () => {
    held()
    for (let n = 0; n < MAX_BATCHES_AT_ONCE_OF_USER; n += 1) await begin('ann')
    const last = await begin('ann')
    const batch = await bench.node.batches.update('ann', last.id, (before) => ({ ...before, status: 'cancelling' }))
    runner.cancel('ann', batch)
    await untilAnswer(
      'it is cancelled',
      () => bench.node.batches.take('ann', last.id),
      ({ status }) => status === 'cancelled',
    )
  })

  it('leaves all where they are when it stops, and takes nothing more', async () => {
    const batch = await bench.make(1)
    bench.answer = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    runner.add({ user: 'ann', batch })
    await until('it is asked', () => bench.asked.length === 1)
    await runner.stop()
    assert.equal((await bench.node.batches.take('ann', batch.id)).status, 'in_progress')
    await begin('ann')
    await turn()
    assert.equal(bench.asked.length, 1)
    assert.equal(bench.clock.pending, 0)
  })

  it('comes back to one whose state could not be written', async () => {
    const batch = await bench.make(1)
    bench.node.kept.records.failures.push(new RealmeshError('STORAGE_FULL', 'full'))
    runner.add({ user: 'ann', batch })
    await until('it rests', () => bench.clock.pending === 1)
    bench.clock.advance(30_000)
    await until('it is asked', () => bench.asked.length === 1)
  })

  it('stops what a user has who is erased, and nothing of others', async () => {
    const { release } = held()
    await runner.start()
    const [anns, bobs] = [await begin('ann'), await begin('bob')]
    await until('both are asked', () => bench.asked.length === 2)
    bench.node.batches.forgetUser('ann')
    release()
    await until('both are over', () => [anns, bobs].every(({ id }) => runner.progress(id) === undefined))
    assert.equal((await bench.node.batches.take('ann', anns.id)).status, 'in_progress')
    assert.equal((await bench.node.batches.take('bob', bobs.id)).status, 'completed')
  })
})
