import assert from 'node:assert/strict'
import { blameOf } from '../../../../routing/learning/blame.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { routedSwarm } from '../../../support/routed-swarm.ts'

describe('the router on places that call a query wrong', () => {
  it('holds it against a place that it refused as wrong what another one served', async () => {
    const { events, contradicted } = routedSwarm({ a: 'BAD_REQUEST', b: 'PEER_LOST', c: 'answers' })
    assert.equal(textOf(await collect(events)), 'from c')
    assert.deepEqual(contradicted, ['a'])
  })

  it('goes on to another place where the limit is the node’s own, and holds it against none', async () => {
    const { events, asked, outcomes, contradicted } = routedSwarm({ a: 'NODE_LIMIT', b: 'NODE_LIMIT', c: 'answers' })
    assert.equal(textOf(await collect(events)), 'from c')
    assert.deepEqual([asked.length, contradicted], [3, []])
    const limits = outcomes.filter(([node]) => node !== 'c').map(([, outcome]) => blameOf(outcome))
    assert.deepEqual(limits, ['none', 'none'])
  })

  it('tells the limit when no place takes the query', async () => {
    const { events } = routedSwarm({ a: 'NODE_LIMIT', b: 'NODE_LIMIT' })
    await assert.rejects(collect(events), { code: 'NODE_LIMIT' })
  })

  it('tries no third place for what two owners call wrong, and holds it against neither', async () => {
    const { events, asked, contradicted } = routedSwarm({ a: 'BAD_REQUEST', b: 'BAD_REQUEST', c: 'answers' })
    await assert.rejects(collect(events), { code: 'BAD_REQUEST' })
    assert.deepEqual([asked.length, contradicted], [2, []])
  })

  it('takes two nodes of one owner for one voice', async () => {
    const owners = { a: 'acme', b: 'acme' }
    const { events, contradicted } = routedSwarm({ a: 'BAD_REQUEST', b: 'BAD_REQUEST', c: 'answers' }, { owners })
    assert.equal(textOf(await collect(events)), 'from c')
    assert.deepEqual(contradicted, ['a', 'b'])
  })

  it('tells the refusal of the only place as it is', async () => {
    const { events, outcomes } = routedSwarm({ a: 'BAD_REQUEST' })
    await assert.rejects(collect(events), { code: 'BAD_REQUEST', message: 'scripted' })
    assert.deepEqual(outcomes, [['a', { ok: false, code: 'BAD_REQUEST', retryAfterMs: 200 }]])
  })
})
