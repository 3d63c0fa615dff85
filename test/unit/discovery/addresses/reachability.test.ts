import assert from 'node:assert/strict'
import {
  judgeReachability,
  UNREACHABLE_AFTER_MS,
  UNREACHABLE_OUTBOUND,
} from '../../../../discovery/addresses/reachability.ts'

describe('reachability', () => {
  const LONG = UNREACHABLE_AFTER_MS
  const MANY = UNREACHABLE_OUTBOUND
  for (const [everInbound, outbound, uptimeMs, says] of [
    [true, 0, 0, 'yes'],
    [true, MANY, LONG, 'yes'],
    [false, MANY, LONG, 'no'],
    [false, MANY - 1, LONG, 'unknown'],
    [false, MANY, LONG - 1, 'unknown'],
    [false, 0, LONG, 'unknown'],
  ] as const) {
    it(`${says}: ${everInbound ? 'somebody' : 'nobody'} dialled us, ${outbound} dialled, up ${uptimeMs / 60_000} min`, () => {
      assert.equal(judgeReachability({ everInbound, outbound, uptimeMs }), says)
    })
  }
})
