import assert from 'node:assert/strict'
import { backOffMs, jittered } from '../../../../discovery/contact/back-off.ts'

describe('back-off', () => {
  const RULE = { firstMs: 500, capMs: 60_000 }

  it('doubles from the first wait to the cap and stays there for ever', () => {
    const waits = [1, 2, 3, 7, 8, 9, 1_000_000].map((failures) => backOffMs(RULE, failures, () => 0.5))
    assert.deepEqual(waits, [500, 1_000, 2_000, 32_000, 60_000, 60_000, 60_000])
  })

  it('spreads by a fifth to either side', () => {
    assert.deepEqual([jittered(1_000, () => 0), jittered(1_000, () => 1)], [800, 1_200])
  })
})
