import assert from 'node:assert/strict'
import { HEALTH_RULES, type Health, type HealthSign, nextHealth } from '../../../../workers/worker/health-policy.ts'

describe('nextHealth', () => {
  const ROWS: readonly [keyof typeof HEALTH_RULES, Health, HealthSign, Health][] = [
    ['general', at(80), 'probeAnswered', at(90)],
    ['general', at(95), 'probeAnswered', at(100)],
    ['general', at(95), 'queryServed', at(100)],
    ['general', at(80), 'probeRefused', at(70)],
    ['general', at(80), 'probeSilent', at(75)],
    ['general', at(80), 'queryFailed', at(70)],
    ['general', at(5), 'probeSilent', blacklisted()],
    ['general', at(5), 'probeRefused', blacklisted()],
    ['general', blacklisted(), 'probeAnswered', at(50)],
    ['general', blacklisted(), 'queryServed', at(50)],
    ['general', blacklisted(), 'probeRefused', blacklisted()],
    ['general', blacklisted(), 'probeSilent', blacklisted()],
    ['imagine', at(5), 'probeRefused', at(0)],
    ['imagine', at(0), 'probeSilent', at(0)],
    ['imagine', at(0), 'probeAnswered', at(10)],
  ]
  for (const [rules, before, sign, after] of ROWS) {
    it(`${rules}: ${describeHealth(before)} and ${sign} make ${describeHealth(after)}`, () => {
      assert.deepEqual(nextHealth(before, sign, HEALTH_RULES[rules]), after)
    })
  }
})

function at(score: number): Health {
  return { score, blacklisted: false }
}

function blacklisted(): Health {
  return { score: 0, blacklisted: true }
}

function describeHealth({ score, blacklisted: out }: Health): string {
  return out ? 'blacklisted' : String(score)
}
