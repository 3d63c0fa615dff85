import assert from 'node:assert/strict'
import { GroupCommit, type WaitingTransaction } from '../../../../storage/shard/group-commit.ts'

/** Batches as they were committed, by the values of their members; `hold` keeps a commit from ending. */
function committer(windowMs?: number) {
  const batches: unknown[][] = []
  const held: (() => void)[] = []
  let holding = false
  const commit = async (batch: readonly WaitingTransaction[]): Promise<void> => {
    batches.push(batch.map(({ transaction }) => transaction.reads[0]))
    if (holding) await new Promise<void>((resolve) => held.push(resolve))
    for (const { resolve, transaction } of batch) resolve(transaction.reads[0])
  }
  const commits = new GroupCommit({ commit }, { name: 'test', ...(windowMs === undefined ? {} : { windowMs }) })
  const submit = (name: string, patienceMs?: number): Promise<unknown> =>
    commits.submit({ reads: [name], apply: () => undefined, ...(patienceMs === undefined ? {} : { patienceMs }) })
  return {
    commits,
    batches,
    submit,
    hold: (): void => {
      holding = true
    },
    release: (): void => {
      holding = false
      for (const end of held.splice(0)) end()
    },
  }
}

describe('group commit', () => {
  it('puts what comes within the window into one batch, and answers each its own', async () => {
    const { submit, batches } = committer(1)
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((name) => submit(name))), ['a', 'b', 'c'])
    assert.deepEqual(batches, [['a', 'b', 'c']])
  })

  it('gathers the next batch while one is being written', async () => {
    const { submit, batches, hold, release, commits } = committer(1)
    hold()
    const first = submit('a')
    const flushed = commits.flush()
    const rest = [submit('b'), submit('c')]
    release()
    await Promise.all([first, flushed, ...rest])
    assert.deepEqual(batches, [['a'], ['b', 'c']])
  })

  it('does not make a change of a person wait for those that are patient', async () => {
    const { submit, batches } = committer(1)
    const patient = submit('patient', 600_000)
    await submit('person')
    await patient
    assert.deepEqual(batches, [['patient', 'person']])
  })

  it('lets patient changes wait until they are enough company', async () => {
    const { submit, batches } = committer(1)
    await Promise.all(Array.from({ length: 128 }, (_, n) => submit(String(n), 600_000)))
    assert.deepEqual(
      batches.map(({ length }) => length),
      [128],
    )
  })

  it('commits what waits when it is told to, and not what comes later', async () => {
    const { submit, batches, commits } = committer(1)
    const waiting = submit('a', 600_000)
    const flushed = commits.flush()
    const later = submit('b', 600_000)
    await Promise.all([flushed, waiting])
    assert.deepEqual(batches, [['a']])
    await commits.close()
    await later
  })

  it('keeps commits out of an exclusive section, and begins afterwards what came meanwhile', async () => {
    const { submit, batches, commits } = committer(1)
    let waiting: Promise<unknown> = Promise.resolve()
    await commits.exclusive(async () => {
      waiting = submit('a')
      await new Promise(setImmediate)
      assert.deepEqual(batches, [])
    })
    await waiting
    assert.deepEqual(batches, [['a']])
  })

  it('goes on after a section that failed', async () => {
    const { submit, commits } = committer(1)
    await assert.rejects(
      commits.exclusive(() => Promise.reject(new Error('no'))),
      /no/,
    )
    assert.equal(await submit('a'), 'a')
  })

  it('refuses more than may wait, and everything once it is closed', async () => {
    const { submit, commits, hold, release } = committer(1)
    hold()
    const first = submit('first')
    void commits.flush()
    const waiting = Array.from({ length: 50_000 }, (_, n) => submit(String(n)))
    await assert.rejects(submit('one more'), { code: 'STORAGE_FAILED' })
    release()
    await Promise.all([first, ...waiting])
    await commits.close()
    await assert.rejects(submit('late'), { code: 'STORAGE_CLOSED' })
  })
})
