import assert from 'node:assert/strict'
import {
  ADMIN_FAILURES_WINDOW_MS,
  AdminFailures,
  MAX_ADMIN_FAILURES,
} from '../../../../gateway/admin/admin-failures.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('AdminFailures', () => {
  it('lets one more pass as each of the last ten grows old', () => {
    const clock = new ManualClock()
    const failures = new AdminFailures({ clock })
    for (let i = 0; i < MAX_ADMIN_FAILURES; i += 1) {
      assert.equal(failures.note().retryAfterMs, undefined)
      clock.advance(1_000)
    }
    assert.equal(failures.note().retryAfterMs, ADMIN_FAILURES_WINDOW_MS - MAX_ADMIN_FAILURES * 1_000)
    clock.advance(ADMIN_FAILURES_WINDOW_MS - MAX_ADMIN_FAILURES * 1_000)
    assert.equal(failures.note().retryAfterMs, undefined)
    assert.equal(failures.note().retryAfterMs, 1_000)
  })
})
