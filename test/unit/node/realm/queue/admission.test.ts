import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  ADMISSION_BOUNDS,
  admit,
  estimateWaitMs,
  maxWaitMs,
  type RealmLoad,
} from '../../../../../node/realm/queue/admission.ts'

const load = (overrides: Partial<RealmLoad> = {}): RealmLoad => ({
  slots: 4,
  running: 0,
  queued: 0,
  meanJobMs: 2_000,
  ...overrides,
})

describe('admission', () => {
  it('estimates no wait while a slot is free, then one mean answer over all slots per query ahead', () => {
    assert.equal(estimateWaitMs(load({ running: 3 })), 0)
    assert.equal(estimateWaitMs(load({ running: 4 })), 500)
    assert.equal(estimateWaitMs(load({ running: 4, queued: 3 })), 2_000)
    assert.equal(estimateWaitMs(load({ slots: 0 })), Number.POSITIVE_INFINITY)
  })

  it('lets everybody in while a slot is free', () => {
    for (const asker of ['own', 'stranger'] as const) {
      assert.deepEqual(admit(asker, load({ running: 3 }), 0), { admitted: true, estimatedWaitMs: 0 })
    }
  })

  it('sends a peer away where a local user may wait', () => {
    const full = load({ running: 4 })
    const refused = admit('stranger', full, 10)
    assert.deepEqual(refused, { admitted: false, estimatedWaitMs: 500, retryAfterMs: 250 })
    assert.equal(admit('own', full, 10).admitted, true)
  })

  it('lets a peer wait a moment at a node with many slots', () => {
    assert.equal(admit('stranger', load({ slots: 8, running: 8 }), 10).admitted, true)
  })

  it('bounds the number that wait, whatever the estimate says', () => {
    assert.equal(admit('own', load({ running: 4, queued: 10, meanJobMs: 1 }), 10).admitted, false)
  })

  it('bounds a local wait too', () => {
    assert.equal(admit('own', load({ running: 4, queued: 400 }), 1_000).admitted, false)
  })

  it('keeps the bound of peers between a quarter of a second and one second', () => {
    assert.equal(maxWaitMs('stranger', 100), ADMISSION_BOUNDS.peerMinMs)
    assert.equal(maxWaitMs('stranger', 4_000), 500)
    assert.equal(maxWaitMs('stranger', 120_000), ADMISSION_BOUNDS.peerMaxMs)
  })

  it('refuses all without slots, and names a time to come back that is finite', () => {
    const refused = admit('own', load({ slots: 0 }), 10)
    assert.ok(!refused.admitted && Number.isFinite(refused.retryAfterMs))
  })

  it('never lets more in when there is more load', () => {
    const count = fc.integer({ min: 0, max: 50 })
    fc.assert(
      fc.property(
        fc.record({ slots: count, running: count, queued: count, meanJobMs: fc.integer({ min: 0, max: 60_000 }) }),
        fc.constantFrom('own' as const, 'stranger' as const),
        (less, asker) => {
          const more = { ...less, queued: less.queued + 1 }
          if (admit(asker, more, 20).admitted) assert.ok(admit(asker, less, 20).admitted)
        },
      ),
    )
  })
})
