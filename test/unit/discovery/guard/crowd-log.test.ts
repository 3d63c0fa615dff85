import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import { CROWD_QUIET_MS, crowdLog } from '../../../../discovery/guard/crowd-log.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('crowd log', () => {
  it('says it once per kind while it lasts, and again after a quiet time', () => {
    const clock = new ManualClock()
    const said: unknown[] = []
    const log = { ...silentLogger, warn: (fields: { traffic?: unknown }) => said.push(fields.traffic) }
    const refused = crowdLog({ clock, log })
    for (let i = 0; i < 100; i += 1) {
      refused('kad')
      clock.advance(CROWD_QUIET_MS - 1)
    }
    refused('push')
    assert.deepEqual(said, ['kad', 'push'])
    clock.advance(CROWD_QUIET_MS)
    refused('kad')
    assert.deepEqual(said, ['kad', 'push', 'kad'])
  })
})
