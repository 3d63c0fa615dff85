import assert from 'node:assert/strict'
import type { Relation } from '../../../../core/scope.ts'
import { FloodGuard } from '../../../../discovery/guard/flood-guard.ts'
import {
  EXCESS_FACTOR,
  FLOOD_RULES,
  MAX_GUARDED_PEERS,
  NEWCOMER_SHARE,
  type Traffic,
} from '../../../../discovery/guard/flood-rules.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const KINDS = Object.keys(FLOOD_RULES) as Traffic[]

function setUp(relations: Readonly<Record<string, Relation>> = {}) {
  const clock = new ManualClock()
  const denied = new Map<string, string>()
  const crowds: Traffic[] = []
  const guard = new FloodGuard({
    clock,
    relation: (peer) => relations[peer] ?? 'stranger',
    isDenied: (peer) => denied.has(peer),
    shutOut: (peer, reason) => denied.set(peer, reason),
    onCrowd: (traffic) => crowds.push(traffic),
  })
  /** How many of `times` were admitted; none of those that would have waited. */
  const send = (traffic: Traffic, peer: string, times: number): number => {
    let admitted = 0
    for (let i = 0; i < times; i += 1) {
      admitted += !guard.mustWait(traffic, peer) && guard.admits(traffic, peer) ? 1 : 0
    }
    return admitted
  }
  return { clock, guard, denied, crowds, send }
}

describe('flood guard', () => {
  for (const traffic of KINDS) {
    const { peer: rule, name } = FLOOD_RULES[traffic]

    it(`takes the burst of ${name} from a peer, then their rate, and shuts out a peer that sends three times that`, () => {
      const { clock, denied, send } = setUp()
      assert.equal(send(traffic, 'flooder', rule.burst * 2), rule.burst)
      clock.advance(10_000)
      assert.equal(send(traffic, 'flooder', rule.burst), Math.min(rule.burst, rule.perSecond * 10))
      assert.equal(denied.size, 0)
      send(traffic, 'flooder', rule.burst * (EXCESS_FACTOR + 1))
      assert.deepEqual([...denied], [['flooder', `too many ${name}`]])
      clock.advance(60_000)
      assert.equal(send(traffic, 'flooder', 1), 0)
    })

    it(`takes all ${name} from own rigs`, () => {
      const { denied, send } = setUp({ rig: 'home' })
      const many = rule.burst * 10
      assert.equal(send(traffic, 'rig', many), many)
      assert.equal(denied.size, 0)
    })
  }

  for (const traffic of KINDS.filter((kind) => FLOOD_RULES[kind].strangers !== undefined)) {
    const { peer: rule, strangers = rule, name } = FLOOD_RULES[traffic]
    const crowd = Math.ceil(strangers.burst / rule.burst)

    it(`takes ${name} from all strangers together at one rate, a little from newcomers, as ever from friends`, () => {
      const { crowds, denied, send } = setUp({ pal: 'friend', rig: 'home' })
      let taken = 0
      for (let i = 0; i < crowd + 5; i += 1) taken += send(traffic, `stranger ${i}`, rule.burst)
      const beyond = taken - strangers.burst
      assert.ok(beyond <= 6 * Math.max(4, rule.burst * NEWCOMER_SHARE), `${beyond} beyond the rule`)
      assert.ok(crowds.length > 0 && crowds.every((kind) => kind === traffic))
      assert.equal(denied.size, 0, 'a peer within its own rule is not at fault')
      assert.ok(send(traffic, 'newcomer', 4) === 4)
      assert.equal(send(traffic, 'pal', rule.burst), rule.burst)
      assert.equal(send(traffic, 'rig', rule.burst * 2), rule.burst * 2)
    })
  }

  it('shuts out a peer that floods, also while the crowd alone would be refused', () => {
    const { denied, send } = setUp()
    for (let i = 0; i < 10; i += 1) send('kad', `stranger ${i}`, FLOOD_RULES.kad.peer.burst)
    send('kad', 'flooder', FLOOD_RULES.kad.peer.burst * (EXCESS_FACTOR + 1) + 1)
    assert.deepEqual([...denied.keys()], ['flooder'])
  })

  it('shuts out at once a peer that did what no honest one does, but for own rigs', () => {
    const { guard, denied } = setUp({ pal: 'friend', rig: 'home' })
    for (const peer of ['stranger', 'pal', 'rig']) guard.condemn(peer, 'an endless frame')
    assert.deepEqual([...denied.keys()], ['stranger', 'pal'])
  })

  it('judges what comes in one piece as a whole', () => {
    const { guard, denied } = setUp()
    assert.ok(!guard.admits('kad', 'flooder', FLOOD_RULES.kad.peer.burst + 1))
    assert.equal(denied.size, 0)
    assert.ok(!guard.admits('kad', 'flooder', FLOOD_RULES.kad.peer.burst * EXCESS_FACTOR))
    assert.ok(denied.has('flooder'))
  })

  it('keeps no more peers than its bound, and those that send', () => {
    const { guard, send } = setUp()
    const { burst } = FLOOD_RULES.card.peer
    assert.equal(send('card', 'flooder', burst * 2), burst)
    for (let i = 0; i < MAX_GUARDED_PEERS - 1; i += 1) guard.admits('query', `stranger ${i}`)
    assert.equal(send('card', 'flooder', 1), 0)
  })

  it('counts small frames of a relay as those of all that it carries', () => {
    const clock = new ManualClock()
    const carried: Record<string, number> = { relay: 3 }
    const guard = new FloodGuard({
      clock,
      relation: () => 'stranger',
      isDenied: () => false,
      shutOut: () => {},
      carried: (peer) => carried[peer] ?? 0,
    })
    const { burst } = FLOOD_RULES.frames.peer
    assert.ok(guard.admits('frames', 'relay', burst * 4))
    assert.ok(!guard.admits('frames', 'relay', 4))
    assert.ok(!guard.admits('frames', 'other', burst * 4))
    assert.ok(!guard.admits('ping', 'relay', FLOOD_RULES.ping.peer.burst + 1), 'other traffic is its own')
  })
})
