import assert from 'node:assert/strict'
import { HedgeBudget } from '../../../../routing/choice/hedge-budget.ts'

function learnt(...firstEventsMs: readonly number[]): HedgeBudget {
  const budget = new HedgeBudget()
  for (const ms of firstEventsMs) budget.noteFirstEvent('tiny', ms)
  return budget
}

describe('hedge budget', () => {
  it('does not hedge a model of which it has seen little', () => {
    assert.equal(learnt(...Array(19).fill(100)).hedgeAfterMs('tiny', 'chat'), undefined)
    assert.equal(new HedgeBudget().hedgeAfterMs('other', 'chat'), undefined)
  })

  it('hedges after the 95th percentile of the model, within a quarter', () => {
    const after = learnt(...Array(94).fill(100), ...Array(6).fill(3_000)).hedgeAfterMs('Tiny:latest', 'chat') ?? 0
    assert.ok(after >= 3_000 && after <= 3_750, `${after} ms`)
    const early = learnt(...Array(96).fill(100), ...Array(4).fill(3_000)).hedgeAfterMs('tiny', 'chat') ?? 0
    assert.ok(early >= 100 && early <= 125, `${early} ms`)
  })

  it('never hedges images or embeddings', () => {
    const budget = learnt(...Array(100).fill(100))
    assert.equal(budget.hedgeAfterMs('tiny', 'imagine'), undefined)
    assert.equal(budget.hedgeAfterMs('tiny', 'embed'), undefined)
  })

  it('follows a model that became slower', () => {
    const budget = learnt(...Array(400).fill(100), ...Array(1_500).fill(2_000))
    assert.ok((budget.hedgeAfterMs('tiny', 'chat') ?? 0) >= 2_000)
  })

  it('allows one hedge in fifty queries, from the first query on', () => {
    const budget = new HedgeBudget()
    let hedges = 0
    for (let query = 1; query <= 10_000; query += 1) {
      budget.noteQuery()
      if (budget.take()) hedges += 1
      assert.ok(hedges <= query * 0.02 + 1e-6)
    }
    assert.ok(hedges >= 198)
  })

  it('saves no more than five hedges in quiet times', () => {
    const budget = new HedgeBudget()
    for (let query = 0; query < 10_000; query += 1) budget.noteQuery()
    assert.equal([...Array(10)].filter(() => budget.take()).length, 5)
  })

  it('tells how many were made and how many may be made now', () => {
    const budget = new HedgeBudget()
    for (let query = 0; query < 75; query += 1) budget.noteQuery()
    assert.equal(budget.take(), true)
    assert.equal(budget.take(), false)
    const { made, saved } = budget.counts
    assert.equal(made, 1)
    assert.ok(Math.abs(saved - 0.5) < 1e-6, `${saved}`)
  })

  it('takes any time without breaking', () => {
    const budget = learnt(...Array(50).fill(0), ...Array(50).fill(1e12))
    assert.ok(Number.isFinite(budget.hedgeAfterMs('tiny', 'chat')))
  })
})
