import assert from 'node:assert/strict'
import { onePerTurn } from '../../../../../discovery/guard/wire/one-per-turn.ts'

describe('one per turn', () => {
  it('lets those that come at once begin in turns of their own, in their order', async () => {
    let turn = 0
    let over = false
    const count = (): void => {
      turn += 1
      if (!over) setImmediate(count)
    }
    setImmediate(count)
    const next = onePerTurn()
    const began: [name: string, turn: number][] = []
    await Promise.all(['a', 'b', 'c'].map((name) => next().then(() => began.push([name, turn]))))
    over = true
    assert.deepEqual(
      began.map(([name]) => name),
      ['a', 'b', 'c'],
    )
    assert.equal(new Set(began.map(([, at]) => at)).size, 3)
  })
})
