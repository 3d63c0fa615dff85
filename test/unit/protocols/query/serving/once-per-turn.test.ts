import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { oncePerTurn } from '../../../../../protocols/query/serving/once-per-turn.ts'

describe('once per turn', () => {
  it('makes the thing when it is asked for, keeps it for the turn, and makes it anew in the next', async () => {
    let made = 0
    const take = oncePerTurn(() => ({ number: ++made }))
    assert.equal(made, 0)
    assert.equal(take(), take())
    await Promise.resolve()
    assert.equal(take().number, 1)
    await turn()
    assert.equal(take().number, 2)
  })
})
