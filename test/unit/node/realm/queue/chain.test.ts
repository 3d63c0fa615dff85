import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Chain } from '../../../../../node/realm/queue/chain.ts'

describe('Chain', () => {
  it('keeps the order of a Set, whatever is added and leaves', () => {
    const step = fc.record({ act: fc.constantFrom('add', 'remove'), item: fc.nat(8) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const [chain, set] = [new Chain<number>(), new Set<number>()]
        for (const { act, item } of steps) {
          if (act === 'remove') {
            chain.remove(item)
            set.delete(item)
          } else if (!set.has(item)) {
            chain.add(item)
            set.add(item)
          }
          assert.deepEqual([...chain], [...set])
          assert.deepEqual([chain.first, chain.size], [[...set][0], set.size])
        }
      }),
    )
  })
})
