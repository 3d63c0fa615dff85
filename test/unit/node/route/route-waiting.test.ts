import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { MAX_ASKING } from '../../../../node/route/waiting-room.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { chatQuery } from '../../../support/query.ts'
import { routedSwarm } from '../../../support/routed-swarm.ts'
import { turn, until } from '../../../support/until.ts'

describe('the router while places are full', () => {
  it('waits and tries again while all are full, and then answers', async () => {
    const { events, clock, journal } = routedSwarm({ a: ['REALM_OVERLOADED', 'answers'] })
    const all = collect(events)
    await until('a timer', () => clock.pending > 0)
    clock.advance(1_000)
    assert.equal(textOf(await all), 'from a')
    assert.equal(journal.receipt('served').attempts.length, 2)
  })

  it('has more places looked for when it begins to wait, once', async () => {
    const { events, clock, more } = routedSwarm({ a: ['REALM_OVERLOADED', 'REALM_OVERLOADED', 'answers'] })
    const all = collect(events)
    for (let waits = 0; waits < 2; waits += 1) {
      await until('a timer', () => clock.pending > 0)
      clock.advance(1_000)
      await turn()
    }
    assert.equal(textOf(await all), 'from a')
    assert.deepEqual(more, ['tiny'])
  })

  it('lets no batch wait: it stands in front of nobody, and what made it comes again', async () => {
    const query = chatQuery({ priority: 'batch' })
    const { events, clock, room, router } = routedSwarm({ a: 'REALM_OVERLOADED', b: 'REALM_OVERLOADED' }, { query })
    await assert.rejects(collect(events), { code: 'REALM_OVERLOADED' })
    assert.equal(room.waiting, 0)
    assert.equal(clock.pending, 0)
    assert.equal(router.counters.failed_routes, 0)
  })

  it('waits for a place that is full although another one failed after it', async () => {
    const { events, clock, journal } = routedSwarm({ a: ['REALM_OVERLOADED', 'answers'], b: 'PEER_UNREACHABLE' })
    const answer = collect(events)
    await until('a timer', () => clock.pending > 0)
    clock.advance(1_000)
    assert.equal(textOf(await answer), 'from a')
    const { attempts } = journal.receipt('served')
    assert.deepEqual(
      attempts.map(({ node, outcome }) => [node, outcome]),
      [
        ['a', 'REALM_OVERLOADED'],
        ['b', 'PEER_UNREACHABLE'],
        ['a', 'served'],
      ],
    )
  })

  it('tells the place in the line, and when the place that refused may have room', async () => {
    const { events, clock, room } = routedSwarm({ a: ['REALM_OVERLOADED', 'answers'] })
    room.enter(new RealmeshError('REALM_OVERLOADED', 'full'))
    const all = collect(events)
    await until('a timer', () => clock.pending > 0)
    clock.advance(1_000)
    const queued = (await all).filter(({ kind }) => kind === 'queued')
    assert.equal(queued.length, 1)
    assert.deepEqual({ ...queued[0], estimatedWaitMs: 0 }, { kind: 'queued', position: 2, estimatedWaitMs: 0 })
  })

  it('gives up with the refusal when all stay full', async () => {
    const { events, clock, router } = routedSwarm({ a: 'REALM_OVERLOADED' })
    const all = collect(events).catch((error: unknown) => error)
    let over = false
    void all.then(() => {
      over = true
    })
    await until(
      'the end',
      () => over,
      () => clock.advance(1_000),
    )
    const error = await all
    assert.ok(error instanceof RealmeshError && error.code === 'REALM_OVERLOADED' && error.retryAfterMs !== undefined)
    assert.equal(router.counters.failed_routes, 1)
    assert.equal(clock.pending, 0)
  })

  it('leaves the line as soon as its answer begins, not when it ends', async () => {
    const { events, clock, room } = routedSwarm({ a: ['REALM_OVERLOADED', 'answers'] })
    const seen: (readonly [QueryEvent['kind'], number])[] = []
    const reading = (async () => {
      for await (const { kind } of events) seen.push([kind, room.waiting])
    })()
    await until(
      'the end',
      () => seen.some(([kind]) => kind === 'end'),
      () => clock.advance(100),
    )
    await reading
    assert.deepEqual(seen, [
      ['start', 0],
      ['queued', 1],
      ['start', 1],
      ['text', 0],
      ['end', 0],
    ])
  })

  it('gives up after its longest wait although others before it in the line hold on', async () => {
    const { events, clock, room } = routedSwarm({ a: 'REALM_OVERLOADED' })
    const full = new RealmeshError('REALM_OVERLOADED', 'full')
    for (let i = 0; i < MAX_ASKING; i += 1) room.enter(full)
    const all = collect(events).catch((error: unknown) => error)
    await turn()
    clock.advance(30_000)
    const error = await all
    assert.ok(error instanceof RealmeshError && error.code === 'REALM_OVERLOADED')
    assert.equal(clock.pending, 0)
    assert.equal(room.waiting, MAX_ASKING)
  })
})
