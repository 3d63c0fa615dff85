import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { type RunningEntry, RunningQueries } from '../../../../node/users/running-queries.ts'
import { chatQuery } from '../../../support/query.ts'

const WHY = new RealmeshError('TERMINATED', 'why')

describe('running queries', () => {
  it('are ended where they fit, though each leaves and its client asks again at once', () => {
    const running = new RunningQueries()
    const ended: string[] = []
    const enter = (user: string, id: string): void => {
      const entry: RunningEntry = {
        query: chatQuery({ user, id }),
        since: 1,
        servedBy: undefined,
        end: (reason) => {
          assert.equal(reason, WHY)
          ended.push(id)
          running.remove(entry)
          enter(user, `${id}+`)
        },
      }
      running.add(entry)
    }
    for (const id of ['1', '2']) enter('ann', id)
    enter('bob', '3')
    const count = running.end(({ user }) => user === 'ann', WHY)
    assert.deepEqual([...count], [['ann', 2]])
    assert.deepEqual(ended, ['1', '2'])
    assert.deepEqual(
      [...running.all()].map(({ query }) => query.id),
      ['3', '1+', '2+'],
    )
  })
})
