import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { WorkerVitals } from '../../../../workers/worker/worker-vitals.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const refusedConnection = new RealmeshError('ENGINE_FAILED', 'cannot be reached', {
  cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
})

describe('WorkerVitals', () => {
  let clock: ManualClock
  let vitals: WorkerVitals
  beforeEach(() => {
    clock = new ManualClock()
    vitals = new WorkerVitals({ clock })
    vitals.probed('answered')
  })

  it('is down until the first answer', () => {
    assert.match(new WorkerVitals({ clock }).trouble?.reason ?? '', /not looked at/)
    assert.equal(vitals.trouble, undefined)
  })

  for (const [outcome, upAfterOne, upAfterTwo] of [
    ['unreachable', false, false],
    ['silent', true, false],
    ['refused', true, false],
    ['busy', true, true],
    ['loading', true, true],
    ['answered', true, true],
  ] as const) {
    it(`after ${outcome} is ${upAfterOne ? 'up' : 'down'}, after a second ${upAfterTwo ? 'up' : 'down'}`, () => {
      vitals.probed(outcome, 'why')
      assert.equal(vitals.up, upAfterOne)
      vitals.probed(outcome, 'why')
      assert.equal(vitals.up, upAfterTwo)
    })
  }

  it('is up while the engine loads, though it be silent for half a minute', () => {
    vitals.probed('loading')
    assert.equal(vitals.loading, true)
    for (let s = 0; s < 29; s += 1) {
      clock.advance(1_000)
      vitals.probed('silent')
    }
    assert.deepEqual([vitals.up, vitals.loading, vitals.trouble], [true, true, undefined])
    clock.advance(1_000)
    for (let i = 0; i < 2; i += 1) vitals.probed('silent', 'why')
    assert.deepEqual([vitals.up, vitals.loading], [false, false])
  })

  it('has loaded once the engine answers, and is gone when nobody is there', () => {
    vitals.probed('loading')
    vitals.probed('answered')
    assert.equal(vitals.loading, false)
    vitals.probed('loading')
    vitals.probed('unreachable')
    assert.deepEqual([vitals.up, vitals.loading], [false, false])
  })

  it('takes a second look soon, and looks for a lost engine less and less often', () => {
    const healthy = vitals.nextProbeMs
    vitals.probed('silent')
    assert.ok(vitals.nextProbeMs < healthy)
    const waits = Array.from({ length: 6 }, () => {
      vitals.probed('unreachable')
      return vitals.nextProbeMs
    })
    assert.deepEqual(waits, [1_000, 2_000, 3_000, 5_000, 5_000, 5_000])
  })

  it('keeps an image worker up that refuses probes', () => {
    const painter = new WorkerVitals({ clock }, { rules: () => 'imagine' })
    for (let i = 0; i < 30; i += 1) painter.probed('refused')
    assert.equal(painter.trouble, undefined)
    assert.equal(painter.health.score, 0)
  })

  it('is down at once when a query finds nobody there', () => {
    vitals.begin()({ kind: 'failed', error: refusedConnection })
    assert.equal(vitals.up, false)
    assert.equal(vitals.trouble?.reason, 'cannot be reached')
  })

  it('stays up, but leaves the worker alone, when queries fail while probes answer', () => {
    for (let i = 0; i < 3; i += 1) {
      vitals.begin()({ kind: 'failed', error: new RealmeshError('ENGINE_FAILED', 'out of memory') })
      vitals.probed('answered')
    }
    assert.equal(vitals.up, true)
    assert.match(vitals.trouble?.reason ?? '', /failed several/)
    clock.advance(vitals.trouble?.retryAfterMs ?? 0)
    assert.equal(vitals.trouble, undefined)
  })

  it('is blacklisted at 0 and comes back at 50 with the next good probe', () => {
    for (let i = 0; i < 20; i += 1) vitals.probed('unreachable')
    assert.deepEqual(vitals.health, { score: 0, blacklisted: true })
    vitals.probed('answered')
    assert.deepEqual(vitals.health, { score: 50, blacklisted: false })
    assert.equal(vitals.trouble, undefined)
  })

  it('earns points by probes no faster than once a minute', () => {
    vitals.probed('refused')
    vitals.probed('refused')
    vitals.probed('answered')
    vitals.probed('answered')
    assert.equal(vitals.health.score, 80)
    clock.advance(60_000)
    vitals.probed('answered')
    assert.equal(vitals.health.score, 90)
  })

  it('forgets the failures of the last run of an engine that came back', () => {
    for (let i = 0; i < 3; i += 1) vitals.begin()({ kind: 'failed', error: refusedConnection })
    vitals.probed('answered')
    assert.equal(vitals.breaker.state, 'closed')
  })

  it('does not mind a query that was given up', () => {
    vitals.begin()({ kind: 'neutral' })
    assert.deepEqual(vitals.health, { score: 100, blacklisted: false })
  })
})
