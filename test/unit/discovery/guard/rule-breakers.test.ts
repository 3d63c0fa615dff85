import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import type { Relation } from '../../../../core/scope.ts'
import { DENY_MS, DenyList } from '../../../../discovery/guard/deny-list.ts'
import { MAX_SLIPPING_PEERS, RuleBreakers, SLIP_RULE } from '../../../../discovery/guard/rule-breakers.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const SLIP_BACK_MS = 1_000 / SLIP_RULE.perSecond

function setUp(relation: Relation = 'stranger') {
  const clock = new ManualClock()
  const denyList = new DenyList({ clock })
  const out: string[] = []
  const breakers = new RuleBreakers({
    clock,
    log: silentLogger,
    relation: () => relation,
    shutOut: (peer, reason) => {
      denyList.deny(peer, reason)
      out.push(`${peer}: ${reason}`)
    },
  })
  const slip = (peer: string, times: number): void => {
    for (let i = 0; i < times; i += 1) breakers.note(peer, 'half a query')
  }
  return { clock, denyList, out, slip }
}

describe('peers that break the protocol', () => {
  it('are forgiven a slip, and one an hour for ever', () => {
    const { clock, out, slip } = setUp()
    for (let hour = 0; hour < 100; hour += 1) {
      slip('honest', 1)
      clock.advance(3_600_000)
    }
    assert.deepEqual(out, [])
  })

  it('are shut out when they make a habit of it, with the reason, until the denial expires', () => {
    const { clock, denyList, out, slip } = setUp()
    slip('bad', SLIP_RULE.burst)
    assert.deepEqual(out, [])
    slip('bad', 1)
    assert.deepEqual(out, ['bad: half a query'])
    assert.ok(denyList.isDenied('bad'))
    clock.advance(DENY_MS)
    assert.ok(!denyList.isDenied('bad'))
  })

  it('get a slip back only as the rule says', () => {
    const { clock, out, slip } = setUp()
    slip('bad', SLIP_RULE.burst)
    clock.advance(SLIP_BACK_MS)
    slip('bad', 1)
    assert.deepEqual(out, [])
    clock.advance(SLIP_BACK_MS - 1)
    slip('bad', 1)
    assert.equal(out.length, 1)
  })

  it('answer for themselves only', () => {
    const { denyList, slip } = setUp()
    slip('bad', SLIP_RULE.burst + 1)
    slip('other', 1)
    assert.ok(!denyList.isDenied('other'))
  })

  it('are never shut out of their own federation', () => {
    const { out, slip } = setUp('home')
    slip('own rig', 100 * SLIP_RULE.burst)
    assert.deepEqual(out, [])
  })

  it('are counted within a bound: the longest quiet is forgotten', () => {
    const { out, slip } = setUp()
    slip('bad', SLIP_RULE.burst)
    for (let i = 0; i < MAX_SLIPPING_PEERS; i += 1) slip(`other ${i}`, 1)
    slip('bad', 1)
    assert.deepEqual(out, [])
  })
})
