import assert from 'node:assert/strict'
import { LOCAL } from '../../../../routing/choice/rank-peers.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { chatQuery } from '../../../support/query.ts'
import { routedSwarm } from '../../../support/routed-swarm.ts'
import { turn, until } from '../../../support/until.ts'

describe('the router when it asks two at once', () => {
  it('pays for a hedge once per query, however often and in how many rounds it is refused', async () => {
    const { events, clock, hedges, asked } = routedSwarm({
      a: ['REALM_OVERLOADED', 'REALM_OVERLOADED', 'answers'],
      b: 'REALM_OVERLOADED',
    })
    const all = collect(events)
    let over = false
    void all.then(() => {
      over = true
    })
    await until(
      'the end',
      () => over,
      () => clock.advance(1_000),
    )
    assert.equal(asked.length, 5)
    assert.deepEqual(hedges.counts, { made: 0, saved: 0.02 })
  })

  it('avoids the broken one of two that raced, and asks the full one again', async () => {
    const [full, broken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const { events, clock, hedges, asked, options, room, lines } = routedSwarm(
      { a: ['REALM_OVERLOADED', 'answers'], b: 'ENGINE_FAILED' },
      { until: { a: full.promise, b: broken.promise } },
    )
    for (let i = 0; i < 50; i += 1) hedges.noteQuery()
    for (let i = 0; i < 20; i += 1) hedges.noteFirstEvent('tiny', 100)
    const answer = collect(events)
    await until('a timer', () => clock.pending > 0)
    clock.advance(hedges.hedgeAfterMs('tiny', 'chat') ?? 0)
    await until('both are asked', () => asked.length === 2)
    full.resolve()
    await turn()
    broken.resolve()
    await Promise.race([answer, until('one waits for room', () => room.waiting === 1)])
    clock.advance(1_000)
    assert.equal(textOf(await answer), 'from a')
    assert.equal(asked.length, 3)
    assert.deepEqual([...options.avoidNodes], ['b'])
    assert.deepEqual(
      lines.map(([message, { query, node, second, code }]) => [message, query, node, second, code]),
      [
        ['slow to begin: a second is asked', 'q-1', 'a', 'b', undefined],
        ['scripted', 'q-1', 'a', undefined, 'REALM_OVERLOADED'],
        ['scripted', 'q-1', 'b', undefined, 'ENGINE_FAILED'],
        ['waits for a place', 'q-1', undefined, undefined, 'REALM_OVERLOADED'],
      ],
    )
  })

  it('asks no second place for a batch, and learns nothing from its first words', async () => {
    const late = Promise.withResolvers<void>()
    const query = chatQuery({ priority: 'batch' })
    const { events, clock, hedges, asked } = routedSwarm(
      { a: 'answers', b: 'answers' },
      { query, until: { a: late.promise } },
    )
    for (let i = 0; i < 50; i += 1) hedges.noteQuery()
    for (let i = 0; i < 20; i += 1) hedges.noteFirstEvent('tiny', 100)
    const before = hedges.counts
    const answer = collect(events)
    await until('it is asked', () => asked.length === 1)
    assert.equal(clock.pending, 0)
    late.resolve()
    assert.equal(textOf(await answer), 'from a')
    assert.deepEqual(hedges.counts, before)
  })

  it('pays nothing for a query that stays here', async () => {
    const { events, hedges } = routedSwarm({ [LOCAL]: 'answers' })
    await collect(events)
    assert.deepEqual(hedges.counts, { made: 0, saved: 0 })
  })
})
