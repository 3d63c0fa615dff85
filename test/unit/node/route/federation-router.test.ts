import assert from 'node:assert/strict'
import { MAX_TRIES } from '../../../../node/route/round.ts'
import { LOCAL } from '../../../../routing/choice/rank-peers.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { routedSwarm } from '../../../support/routed-swarm.ts'

describe('FederationRouter', () => {
  it('asks the best place, and tells its evidence how it went', async () => {
    const { events, outcomes } = routedSwarm({ a: 'answers', b: 'answers' })
    assert.equal(textOf(await collect(events)), 'from a')
    assert.deepEqual(outcomes, [['a', { ok: true }]])
  })

  it('hands on one hop less, without the user, to a peer', async () => {
    const { events, asked } = routedSwarm({ a: 'answers' })
    await collect(events)
    assert.deepEqual([asked[0]?.hopsLeft, asked[0]?.user, asked[0]?.origin], [0, 'anon-alice', undefined])
  })

  for (const fate of [
    'PEER_LOST',
    'PEER_UNREACHABLE',
    'ENGINE_FAILED',
    'TIMEOUT',
    'SHARE_REFUSED',
    'DRAINING',
    'MODEL_NOT_FOUND',
    'BAD_REQUEST',
    'PROMPT_TOO_LARGE',
    'CONTEXT_TOO_LONG',
    'CAPABILITY_MISSING',
  ] as const) {
    it(`goes on unseen to the next place after ${fate}`, async () => {
      const { events, journal, outcomes } = routedSwarm({ a: fate, b: 'answers' })
      assert.equal(textOf(await collect(events)), 'from b')
      assert.deepEqual(
        journal.receipt('served').attempts.map(({ node, outcome }) => [node, outcome]),
        [
          ['a', fate],
          ['b', 'served'],
        ],
      )
      assert.equal(outcomes.length, 2)
    })
  }

  it('never asks more than three places in one round', async () => {
    const { events, asked } = routedSwarm({ a: 'PEER_LOST', b: 'PEER_LOST', c: 'PEER_LOST', d: 'answers' })
    await assert.rejects(collect(events), { code: 'PEER_LOST' })
    assert.equal(asked.length, MAX_TRIES)
  })

  it('throws what breaks after the first content, and keeps that place from the rest of the answer', async () => {
    const { events, options } = routedSwarm({ a: 'cut', b: 'answers' })
    await assert.rejects(collect(events), { code: 'PEER_LOST' })
    assert.deepEqual([...options.avoidNodes], ['a'])
  })

  it('keeps a failed own worker from being asked again for this query', async () => {
    const { events, options } = routedSwarm({ [LOCAL]: 'ENGINE_FAILED', b: 'answers' })
    assert.equal(textOf(await collect(events)), 'from b')
    assert.deepEqual([...options.avoidWorkers], [`w-${LOCAL}`])
  })

  it('blames nobody when the client leaves', async () => {
    const { events, outcomes, journal } = routedSwarm({ a: 'answers' })
    for await (const event of events) if (event.kind === 'text') break
    assert.deepEqual(outcomes, [['a', { ok: false, code: 'CANCELLED' }]])
    assert.equal(journal.receipt('cancelled').attempts[0]?.outcome, 'cancelled')
  })

  it('says why when there is no place at all', async () => {
    const { events, lines } = routedSwarm({})
    await assert.rejects(collect(events), { code: 'NO_WORKER' })
    assert.deepEqual(lines, [['given up: nobody', { query: 'q-1', code: 'NO_WORKER' }]])
  })
})
