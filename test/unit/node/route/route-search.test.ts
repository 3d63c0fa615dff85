import assert from 'node:assert/strict'
import { collect, textOf } from '../../../support/collect.ts'
import { routedSwarm } from '../../../support/routed-swarm.ts'
import { until } from '../../../support/until.ts'

describe('the router on a model that nobody known serves', () => {
  const hidden = ['rig']

  it('looks for it in the network, and asks the node that it finds', async () => {
    const { events, journal, searches, clock, lines } = routedSwarm({ rig: 'answers' }, { hidden })
    const answer = collect(events)
    await until('a search', () => searches.length === 1)
    assert.equal(searches[0]?.model, 'tiny')
    assert.equal(searches[0]?.found('another'), false)
    clock.advance(2_000)
    assert.equal(searches[0]?.found('rig'), true)
    searches[0]?.end('found')
    assert.equal(textOf(await answer), 'from rig')
    const { searchedMs, overheadUs } = journal.receipt('served')
    assert.deepEqual([searchedMs, overheadUs], [2_000, 0])
    const [line] = lines
    assert.deepEqual(line?.[1], { query: 'q-1', model: 'tiny', outcome: 'found', tookMs: 2_000 })
  })

  it('says for how long it looked when it found none, or that it looked a moment ago', async () => {
    for (const [outcome, message, searchedMs] of [
      ['nothing', /searched 700/, 700],
      ['lately', /searched 0/, undefined],
      ['none', /^nobody$/, undefined],
    ] as const) {
      const { events, journal, searches, clock } = routedSwarm({}, { hidden })
      const answer = assert.rejects(collect(events), { message })
      await until('a search', () => searches.length === 1)
      clock.advance(700)
      searches[0]?.end(outcome)
      await answer
      assert.equal(journal.receipt('NO_WORKER').searchedMs, searchedMs)
    }
  })

  it('stops looking when the client leaves', async () => {
    const { events, abort, searches } = routedSwarm({}, { hidden })
    const answer = assert.rejects(collect(events), { code: 'CANCELLED' })
    await until('a search', () => searches.length === 1)
    abort.abort()
    await answer
  })

  it('does not look for it when a known node failed or refused the query', async () => {
    const { events, searches } = routedSwarm({ a: 'ENGINE_FAILED' }, { hidden })
    await assert.rejects(collect(events), { code: 'ENGINE_FAILED' })
    assert.equal(searches.length, 0)
  })
})
