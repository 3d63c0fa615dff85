import assert from 'node:assert/strict'
import type { ChatQuery } from '../../../../../core/query/query.ts'
import type { QueryEvent } from '../../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../../core/realmesh-error.ts'
import { linkedAbort } from '../../../../../core/run/linked-abort.ts'
import { ANY_MODEL, MAX_TOLD, WaitingQueries } from '../../../../../node/realm/queue/waiting-queries.ts'
import type { WaitingQuery } from '../../../../../node/realm/queue/waiting-query.ts'
import type { WorkerLease } from '../../../../../workers/pool/worker-lease.ts'
import { answersHello } from '../../../../support/fake-realm-workers.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'
import { chatQuery } from '../../../../support/query.ts'

const NOTHING: ReadonlySet<string> = new Set()

describe('WaitingQueries', () => {
  let clock: ManualClock
  let waiting: WaitingQueries
  let estimates: number
  beforeEach(() => {
    clock = new ManualClock()
    estimates = 0
    waiting = new WaitingQueries({
      clock,
      estimateWaitMs: (_, ahead) => {
        estimates += 1
        return ahead * 1_000
      },
    })
  })

  const life = linkedAbort()
  const add = (query: Partial<ChatQuery> = {}, signal = life.signal): WaitingQuery =>
    waiting.add(chatQuery(query), { asker: 'own', signal, exclude: NOTHING, estimatedWaitMs: 500.4 })
  const told = async (query: WaitingQuery): Promise<QueryEvent | undefined> => (await query.next()).value
  const lease = (released: string[], worker = 'w'): WorkerLease => ({
    worker,
    engine: 'fake',
    model: 'tiny',
    run: answersHello,
    release: () => released.push(worker),
  })

  it('counts what waits by model, whatever the spelling, and what takes any', () => {
    for (const model of ['tiny', 'Tiny:latest', 'large', 'auto', '']) add({ model })
    assert.deepEqual(
      [...waiting.byModel],
      [
        ['tiny', 2],
        ['large', 1],
        [ANY_MODEL, 2],
      ],
    )
    const ahead = (model: string): number => waiting.ahead(chatQuery({ model }))
    assert.deepEqual([ahead('TINY'), ahead('large'), ahead('none'), ahead('auto')], [4, 3, 2, 5])
  })

  it('tells a query how many wait when it comes, and each second its place when that has changed', async () => {
    const [first, second] = [add(), add({ user: 'bob' })]
    assert.deepEqual(await told(second), { kind: 'queued', position: 2, estimatedWaitMs: 500 })
    const next = told(second)
    clock.advance(1_000)
    first.leave()
    clock.advance(1_000)
    assert.deepEqual(await next, { kind: 'queued', position: 1, estimatedWaitMs: 0 })
  })

  it('ends the wait with a slot, which is given back when nobody takes it over', async () => {
    const released: string[] = []
    const [taken, left] = [add(), add()]
    taken.grant(lease(released, 'one'))
    left.grant(lease(released, 'two'))
    assert.deepEqual(await taken.next(), { done: true, value: undefined })
    assert.equal(taken.takeLease()?.worker, 'one')
    taken.leave()
    left.leave()
    assert.deepEqual([released, waiting.size], [['two'], 0])
  })

  it('ends the wait when it is cancelled, and leaves no timer behind', async () => {
    const client = linkedAbort()
    const query = add({}, client.signal)
    await query.next()
    const next = query.next()
    client.abort(new RealmeshError('CANCELLED', 'left'))
    await assert.rejects(next, { code: 'CANCELLED' })
    assert.deepEqual([waiting.size, waiting.byModel.size, clock.pending], [0, 0, 0])
  })

  it('offers a slot to one of each kind, and to the next of those that took one', () => {
    const released: string[] = []
    const tiny = [add({ model: 'tiny' }), add({ model: 'tiny' }), add({ model: 'tiny' })]
    const large = [add({ model: 'large' }), add({ model: 'large' })]
    const asked: string[] = []
    let left = 2
    waiting.settle(
      (query) => {
        asked.push(query.query.model)
        if (query.query.model === 'large' || left === 0) return false
        left -= 1
        query.grant(lease(released))
        return true
      },
      () => true,
    )
    assert.deepEqual(asked, ['tiny', 'tiny', 'tiny', 'large'])
    assert.deepEqual(
      [...tiny, ...large].map((query) => query.takeLease() !== undefined),
      [true, true, false, false, false],
    )
  })

  it('does bounded work for twenty thousand that wait: one timer, and word to the first hundred', async () => {
    const all = Array.from({ length: 20_000 }, (_, i) => add({ id: String(i), user: `user ${i % 700}` }))
    assert.deepEqual([clock.pending, estimates], [1, 0])
    assert.deepEqual(await told(all.at(-1) ?? assert.fail()), {
      kind: 'queued',
      position: 20_000,
      estimatedWaitMs: 500,
    })
    estimates = 0
    for (let second = 0; second < 10; second += 1) {
      all[second]?.leave()
      clock.advance(1_000)
    }
    assert.ok(estimates <= 10 * MAX_TOLD, `${estimates} estimates in ten seconds`)
    let asked = 0
    const busy = (): boolean => {
      asked += 1
      return false
    }
    for (let i = 0; i < 100; i += 1) waiting.settle(busy, () => true)
    assert.equal(asked, 100)
    waiting.failAll(new RealmeshError('DRAINING', 'stops'))
    assert.deepEqual([waiting.size, clock.pending], [0, 0])
  })
})
