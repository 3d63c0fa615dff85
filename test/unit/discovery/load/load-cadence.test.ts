import assert from 'node:assert/strict'
import type { ModelLoad } from '../../../../core/model/load.ts'
import {
  FIRST_SWARM_PAUSE_MS,
  hasChanged,
  isStep,
  SWARM_INTERVAL_MS,
  SWARM_STATEMENT_MS,
  swarmIntervalMs,
} from '../../../../discovery/load/load-cadence.ts'
import { modelLoad, nodeLoad } from '../../../support/routing.ts'

const BASE = modelLoad({
  slots: 8,
  running: 2,
  queued: 0,
  estimatedWaitMs: 0,
  decodeRate: 50,
  prefillRate: 500,
  warm: true,
})

/** What becomes of BASE, and what that is. */
const CASES: readonly {
  name: string
  now: readonly ModelLoad[]
  draining?: boolean
  step: boolean
  changed: boolean
}[] = [
  { name: 'nothing', now: [BASE], step: false, changed: false },
  { name: 'one more of eight runs', now: [{ ...BASE, running: 3 }], step: false, changed: true },
  { name: 'a quarter more of the slots', now: [{ ...BASE, running: 4 }], step: false, changed: true },
  { name: 'more than a quarter of the slots', now: [{ ...BASE, running: 5 }], step: true, changed: true },
  { name: 'full', now: [{ ...BASE, running: 8 }], step: true, changed: true },
  { name: 'free', now: [{ ...BASE, running: 0 }], step: true, changed: true },
  { name: 'a queue of one', now: [{ ...BASE, queued: 1 }], step: false, changed: true },
  { name: 'fewer slots', now: [{ ...BASE, slots: 4 }], step: true, changed: true },
  { name: 'out of memory', now: [{ ...BASE, warm: false }], step: true, changed: true },
  { name: 'another model', now: [{ ...BASE, model: 'other' }], step: true, changed: true },
  { name: 'one model more', now: [BASE, { ...BASE, model: 'other' }], step: true, changed: true },
  { name: 'no model left', now: [], step: true, changed: true },
  { name: 'draining', now: [BASE], draining: true, step: true, changed: true },
  { name: 'a rate that wobbles', now: [{ ...BASE, decodeRate: 53 }], step: false, changed: false },
  { name: 'a rate that halved', now: [{ ...BASE, decodeRate: 25 }], step: false, changed: true },
  { name: 'a wait of a second', now: [{ ...BASE, estimatedWaitMs: 1_000 }], step: false, changed: true },
]

describe('load cadence', () => {
  const before = nodeLoad(1, [BASE])
  for (const { name, now, draining, step, changed } of CASES) {
    it(`${name}: ${step ? 'a step' : changed ? 'a change' : 'no news'}`, () => {
      const after = nodeLoad(2, now, draining)
      assert.equal(isStep(before, after), step)
      assert.equal(hasChanged(before, after), changed)
    })
  }

  it('speaks first of all', () => {
    assert.ok(isStep(undefined, before))
    assert.ok(hasChanged(undefined, before))
  })

  it('speaks to the swarm the more seldom the more nodes speak, so that all of them together say as much', () => {
    assert.equal(swarmIntervalMs(0, 100), SWARM_INTERVAL_MS)
    for (const nodes of [50, 100, 10_000]) {
      assert.equal(swarmIntervalMs(nodes - 1, 100) / nodes, SWARM_STATEMENT_MS)
    }
  })

  it('speaks to the swarm more often at first, to be known soon', () => {
    assert.deepEqual(
      [0, 1, 2, 5].map((statements) => swarmIntervalMs(0, statements)),
      [FIRST_SWARM_PAUSE_MS, 2 * FIRST_SWARM_PAUSE_MS, 4 * FIRST_SWARM_PAUSE_MS, SWARM_INTERVAL_MS],
    )
  })
})
