import assert from 'node:assert/strict'
import { breakerState } from '../../../../core/run/circuit-breaker.ts'
import {
  afterContradiction,
  afterFailure,
  afterRefusal,
  afterSuccess,
  type Evidence,
  NO_EVIDENCE,
  PEER_BREAKER,
  PENALTY_MAX_MS,
} from '../../../../routing/learning/evidence.ts'

function failed(times: number, now = 0, from: Evidence = NO_EVIDENCE): Evidence {
  let evidence = from
  for (let i = 0; i < times; i += 1) evidence = afterFailure(evidence, now, now)
  return evidence
}

describe('evidence', () => {
  it('opens the breaker at the third failure in a row, for half a minute', () => {
    assert.equal(breakerState(failed(2).breaker, 0), 'closed')
    const open = failed(3)
    assert.equal(breakerState(open.breaker, 0), 'open')
    assert.equal(breakerState(open.breaker, PEER_BREAKER.pauseMs - 1), 'open')
    assert.equal(breakerState(open.breaker, PEER_BREAKER.pauseMs), 'half-open')
  })

  it('starts to count again after a success', () => {
    const interrupted = failed(2, 0, afterSuccess(failed(2), 100, 100))
    assert.equal(breakerState(interrupted.breaker, 0), 'closed')
  })

  it('doubles the time after each failed probe, up to an hour', () => {
    let evidence = failed(3)
    let { pauseMs } = PEER_BREAKER
    for (let probe = 0; probe < 12; probe += 1) {
      const { breaker } = evidence
      assert.equal(breaker.pauseMs, pauseMs)
      evidence = afterFailure(evidence, breaker.openUntil, breaker.openUntil)
      pauseMs = Math.min(pauseMs * 2, PEER_BREAKER.maxPauseMs)
    }
    assert.equal(evidence.breaker.pauseMs, PEER_BREAKER.maxPauseMs)
  })

  it('does not count sends that were under way when the breaker opened as failed probes', () => {
    const { pauseMs } = PEER_BREAKER
    let evidence = failed(3)
    // The last of them ends when the pause is over already.
    for (const now of [10, 20, pauseMs + 1]) evidence = afterFailure(evidence, 0, now)
    assert.deepEqual([evidence.breaker.pauseMs, evidence.breaker.openUntil], [pauseMs, pauseMs])
  })

  it('closes the breaker after one success and forgives the penalty', () => {
    const back = afterSuccess(failed(7), 100, 100)
    assert.equal(breakerState(back.breaker, 0), 'closed')
    assert.equal(back.penaltyUntil, 0)
    assert.ok(back.successRate < 0.5)
  })

  it('puts a growing penalty on failures before the breaker opens', () => {
    assert.ok(failed(1).penaltyUntil > 0)
    assert.ok(failed(2).penaltyUntil > failed(1).penaltyUntil)
  })

  it('takes a refusal for no failure, and asks again when the peer said', () => {
    const refused = afterRefusal(NO_EVIDENCE, 'load', { ok: false, retryAfterMs: 700 }, 1_000)
    assert.equal(refused.penaltyUntil, 1_700)
    assert.equal(refused.successRate, 1)
    assert.equal(breakerState(refused.breaker, 0), 'closed')
  })

  it('does not let a peer that always refuses be asked all the time, nor one refusal last for ever', () => {
    let evidence = NO_EVIDENCE
    for (let i = 0; i < 12; i += 1) evidence = afterRefusal(evidence, 'load', { ok: false, retryAfterMs: 100 }, 0)
    assert.ok(evidence.penaltyUntil >= 1_000)
    const endless = afterRefusal(NO_EVIDENCE, 'load', { ok: false, retryAfterMs: Number.MAX_VALUE }, 0)
    assert.equal(endless.penaltyUntil, PENALTY_MAX_MS)
  })

  it('leaves alone for ever longer who refuses and says that there is room', () => {
    const once = afterContradiction(NO_EVIDENCE, 0)
    const twice = afterContradiction(once, 0)
    assert.equal(twice.penaltyUntil, 2 * once.penaltyUntil)
    assert.ok(twice.successRate < once.successRate)
  })

  it('remembers by how much first events were later than promised', () => {
    assert.equal(afterSuccess(NO_EVIDENCE, 100, 500).lateMs, 0)
    assert.ok(afterSuccess(NO_EVIDENCE, 9_000, 0).lateMs > 1_000)
  })
})
