import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type SlotHandle, WeightedSet } from '../../../../routing/offers/weighted-set.ts'

type Step =
  | { readonly do: 'add'; readonly weight: number }
  | { readonly do: 'remove'; readonly which: number }
  | { readonly do: 'set'; readonly which: number; readonly weight: number }

const weight = fc.integer({ min: 0, max: 1_000_000 })
const which = fc.nat({ max: 100 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('add'), weight }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove'), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('set'), which, weight }) },
)

/** Applies the steps to the set and to a plain map. */
function build(steps: readonly Step[]): { set: WeightedSet<number>; naive: Map<number, number> } {
  const set = new WeightedSet<number>()
  const naive = new Map<number, number>()
  const places: SlotHandle<number>[] = []
  for (const [item, one] of steps.entries()) {
    if (one.do === 'add') {
      places.push(set.add(item, one.weight))
      naive.set(item, one.weight)
      continue
    }
    const place = places[one.which % Math.max(1, places.length)]
    if (place === undefined) continue
    if (one.do === 'set') {
      set.setWeight(place, one.weight)
      naive.set(place.item, one.weight)
    } else {
      set.remove(place)
      places.splice(places.indexOf(place), 1)
      naive.delete(place.item)
    }
  }
  return { set, naive }
}

describe('WeightedSet', () => {
  it('holds what a plain map would hold, whatever was added, changed and removed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { set, naive } = build(steps)
        const held = new Map(Array.from({ length: set.size }, (_, i) => [set.nth(i) ?? -1, set.weightAt(i)]))
        assert.deepEqual(new Map([...held].sort()), new Map([...naive].sort()))
        assert.equal(
          set.total,
          [...naive.values()].reduce((sum, one) => sum + one, 0),
        )
      }),
    )
  })

  it('gives each item exactly its share of the line from 0 to the total', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 }), (weights) => {
        const set = new WeightedSet<number>()
        for (const [item, one] of weights.entries()) set.add(item, one)
        const hits = weights.map(() => 0)
        for (let target = 0; target < set.total; target += 1) {
          const item = set.at(target + 0.5) ?? -1
          hits[item] = (hits[item] ?? 0) + 1
        }
        assert.deepEqual(hits, weights)
      }),
    )
  })

  it('has nothing to draw when it is empty', () => {
    assert.equal(new WeightedSet<number>().at(0), undefined)
    assert.equal(new WeightedSet<number>().nth(0), undefined)
  })
})
