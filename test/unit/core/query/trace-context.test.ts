import assert from 'node:assert/strict'
import { traceContext, traceIdOf } from '../../../../core/query/trace-context.ts'

const ID = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = `00-${ID}-00f067aa0ba902b7-01`

describe('trace context', () => {
  it('is taken as it is, with its state', () => {
    assert.deepEqual(traceContext(PARENT), { parent: PARENT })
    const state = 'congo=t61rcWkgMzE, rojo@tenant/x=00f067aa0ba902b7,,a_b-c*d=1'
    assert.deepEqual(traceContext(PARENT, state), { parent: PARENT, state })
    assert.equal(traceIdOf({ parent: PARENT }), ID)
  })

  it('of a later version is taken as far as it is known', () => {
    const later = PARENT.replace('00', '01')
    assert.deepEqual(traceContext(`${later}-and-more`), { parent: later })
  })

  const WRONG: readonly unknown[] = [
    undefined,
    [PARENT],
    '',
    PARENT.toUpperCase(),
    PARENT.replace(ID, '0'.repeat(32)),
    PARENT.replace('00f067aa0ba902b7', '0'.repeat(16)),
    PARENT.replace('00-', 'ff-'),
    `${PARENT}-more`,
    `${PARENT}0`,
    `${PARENT}\r\nx-evil: 1`,
    ` ${PARENT}`,
  ]
  for (const wrong of WRONG) {
    it(`is none in ${JSON.stringify(wrong)}`, () => assert.equal(traceContext(wrong), undefined))
  }

  const WRONG_STATES: readonly string[] = [
    '',
    'novalue',
    'Upper=1',
    'a=1\r\nx-evil: 1',
    'a=ł',
    `a=${'x'.repeat(300)}`,
    Array.from({ length: 33 }, (_, i) => `k${i}=1`).join(','),
    Array.from({ length: 3 }, (_, i) => `k${i}=${'x'.repeat(200)}`).join(','),
  ]
  for (const state of WRONG_STATES) {
    it(`goes on without a state such as ${JSON.stringify(state).slice(0, 30)}`, () => {
      assert.deepEqual(traceContext(PARENT, state), { parent: PARENT })
    })
  }
})
