import assert from 'node:assert/strict'
import { LoadStatements, type LoadStatementsComponents } from '../../../../discovery/load/load-statements.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { modelLoad } from '../../../support/routing.ts'

/** A clock whose wall time jumps as the test says. */
class JumpingClock extends ManualClock {
  wallMs = 1_700_000_000_000

  override wall(): number {
    return this.wallMs
  }
}

function statements(overrides: Partial<LoadStatementsComponents> = {}) {
  const clock = new JumpingClock()
  return { clock, of: new LoadStatements({ clock, models: () => [], draining: () => false, ...overrides }) }
}

describe('statements of load', () => {
  it('have ever higher numbers, however many there are in one millisecond and wherever the clock jumps', () => {
    const { clock, of } = statements()
    const numbers: number[] = []
    for (const jump of [0, 0, 0, 5, -3_600_000, 0, 7_200_000]) {
      clock.wallMs += jump
      numbers.push(of.next().seq)
    }
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    )
    assert.equal(new Set(numbers).size, numbers.length)
  })

  it('go on above those of an earlier run of the node', () => {
    const { clock, of } = statements()
    for (let i = 0; i < 500; i += 1) of.next()
    const last = of.next().seq
    clock.wallMs += 1
    const restarted = new LoadStatements({ clock, models: () => [], draining: () => false })
    assert.ok(restarted.next().seq > last)
  })

  it('leave out what is built in, and say whether the node drains or pauses', () => {
    const models = [modelLoad({ model: 'tiny' }), modelLoad({ model: 'builtin/guide' })]
    const { of } = statements({ models: () => models, draining: () => true, paused: () => true })
    const { draining, paused, models: said } = of.next()
    assert.deepEqual([draining, paused, said], [true, true, [models[0]]])
    assert.equal('paused' in statements().of.next(), false)
  })
})
