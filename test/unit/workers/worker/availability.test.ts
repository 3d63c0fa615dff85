import assert from 'node:assert/strict'
import { pauseRefusal, readiness, type WorkerState } from '../../../../workers/worker/availability.ts'

function state({ free = 1, live = 0, allows = true, loading = false } = {}): WorkerState {
  return { slots: { free, live }, vitals: { breaker: { allows, waitMs: 0 }, loading } } as WorkerState
}

describe('whether a worker takes one more', () => {
  for (const [what, worker, pausedMs, live, batch] of [
    ['is idle', state(), 0, 'free', 'free'],
    ['has a slot beside one that is waited for', state({ live: 1 }), 0, 'free', 'busy'],
    ['has no slot', state({ free: 0 }), 0, 'busy', 'busy'],
    ['is kept from its engine by the breaker', state({ allows: false }), 0, 'busy', 'busy'],
    ['loads', state({ loading: true }), 0, 'busy', 'busy'],
    ['was asked for a pause', state(), 10, 'busy', 'busy'],
  ] as const) {
    it(`is ${live} for others and ${batch} for a batch when it ${what}`, () => {
      assert.equal(readiness(worker, pausedMs, 'live'), live)
      assert.equal(readiness(worker, pausedMs, 'batch'), batch)
    })
  }

  it('waits for a short pause and refuses for a long one', () => {
    assert.equal(pauseRefusal(3_000), undefined)
    assert.deepEqual(pauseRefusal(3_001), { reason: 'the engine asked for a pause', retryAfterMs: 3_001 })
  })
})
