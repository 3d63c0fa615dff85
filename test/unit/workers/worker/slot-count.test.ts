import assert from 'node:assert/strict'
import { SlotCount } from '../../../../workers/worker/slot-count.ts'

describe('SlotCount', () => {
  for (const [what, configured, reported, expected] of [
    ['the owner before the engine', 3, 8, 3],
    ['the engine before the default of its kind', undefined, 8, 8],
    ['the default otherwise', undefined, undefined, 2],
    ['never less than one', 0, undefined, 1],
    ['never more than can be', undefined, 1e9, 1_024],
    ['the default for a senseless figure of the engine', undefined, Number.NaN, 2],
  ] as const) {
    it(`believes ${what}`, () => {
      const count = new SlotCount({ configured, fallback: 2 })
      count.report({ ...(reported !== undefined && { slots: reported }) })
      assert.equal(count.slots, expected)
    })
  }

  it('gives a slot back once', () => {
    const count = new SlotCount({ fallback: 2 })
    const giveBack = count.take()
    count.take()
    giveBack()
    giveBack()
    assert.equal(count.own, 1)
    assert.equal(count.free, 1)
  })

  it('tells those that are waited for from those of batches', () => {
    const count = new SlotCount({ fallback: 4 })
    const giveBack = count.take('batch')
    count.take()
    assert.deepEqual([count.running, count.live, count.free], [2, 1, 2])
    giveBack()
    giveBack()
    assert.deepEqual([count.running, count.live], [1, 1])
  })

  it('adds what the engine runs for others, its queue included', () => {
    const count = new SlotCount({ fallback: 4 })
    count.take()
    count.expectReport()
    count.report({ running: 2, queued: 1 })
    assert.equal(count.running, 3)
    assert.equal(count.free, 1)
  })

  it('does not take its own queries, ended while the report was under way, for those of others', () => {
    const count = new SlotCount({ fallback: 4 })
    const giveBack = count.take()
    count.expectReport()
    const second = count.take()
    giveBack()
    second()
    count.report({ running: 2 })
    assert.equal(count.running, 0)
  })
})
