import assert from 'node:assert/strict'
import { RouteJournal } from '../../../../node/route/route-journal.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'

const START = { kind: 'start', node: 'n', worker: 'rig', engine: 'fake', model: 'tiny-exact' } as const

describe('RouteJournal', () => {
  function setUp() {
    const clock = new ManualClock(1_000)
    return { clock, journal: new RouteJournal(chatQuery({ model: 'tiny' }), clock) }
  }

  it('lists each try with its node, worker, times and outcome', () => {
    const { clock, journal } = setUp()
    clock.advance(5)
    const failed = journal.attempt('a')
    clock.advance(10)
    failed.ended('PEER_LOST')
    const served = journal.attempt('b')
    served.saw(START)
    clock.advance(30)
    served.saw({ kind: 'text', text: 'x' })
    clock.advance(20)
    served.saw({ kind: 'text', text: 'y' })
    served.ended('served')
    served.ended('cancelled') // the first end counts
    const { attempts, modelAsked, modelServed, at, totalMs } = journal.receipt('served')
    assert.deepEqual(attempts, [
      { node: 'a', startedMs: 5, tookMs: 10, events: 0, outcome: 'PEER_LOST' },
      {
        ...{ node: 'b', worker: 'rig', engine: 'fake', startedMs: 15, firstEventMs: 30, tookMs: 50 },
        ...{ events: 2, outcome: 'served' },
      },
    ])
    assert.deepEqual([modelAsked, modelServed, at, totalMs], ['tiny', 'tiny-exact', 1_000, 65])
  })

  it('tells by which way a try went, and how long that way was', () => {
    const { journal } = setUp()
    const path = { kind: 'relayed', over: 'tcp', relay: 'r' } as const
    const attempt = journal.attempt('a')
    attempt.goes(path, 84)
    attempt.ended('PEER_LOST')
    assert.deepEqual(journal.receipt('served').attempts[0]?.path, path)
    assert.equal(journal.receipt('served').attempts[0]?.rttMs, 84)
  })

  it('lists the try that served behind a long wait, and leaves out the oldest refusals', () => {
    const { clock, journal } = setUp()
    journal.attempt('broken').ended('PEER_LOST')
    for (let tries = 0; tries < 40; tries += 1) {
      journal.attempt('full').ended('REALM_OVERLOADED')
      clock.advance(750)
      journal.waited(750)
    }
    const served = journal.attempt('full')
    served.saw(START)
    served.ended('served')
    const { attempts, waitedMs } = journal.receipt('served')
    assert.equal(attempts.length, 24)
    assert.deepEqual([attempts[0]?.node, attempts.at(-1)?.outcome, waitedMs], ['broken', 'served', 30_000])
  })

  it('counts as its own time what was neither a try nor a wait', () => {
    const { clock, journal } = setUp()
    clock.advance(3)
    const attempt = journal.attempt('a')
    clock.advance(100)
    attempt.ended('REALM_OVERLOADED')
    clock.advance(40)
    journal.waited(40)
    assert.equal(journal.receipt('REALM_OVERLOADED').overheadUs, 3_000)
  })

  it('never counts a negative time of its own, though two tries ran beside each other', () => {
    const { clock, journal } = setUp()
    const [one, two] = [journal.attempt('a'), journal.attempt('b')]
    clock.advance(50)
    one.ended('cancelled')
    two.ended('served')
    journal.noteHedged()
    const { overheadUs, hedged } = journal.receipt('served')
    assert.deepEqual([overheadUs, hedged], [0, true])
  })

  it('says once that the query leaves this node', () => {
    const { journal } = setUp()
    assert.deepEqual([journal.leaves(), journal.leaves()], [true, false])
  })

  it('lists a bounded number of tries, however many there were', () => {
    const { journal } = setUp()
    for (let i = 0; i < 100; i += 1) journal.attempt('a').ended('REALM_OVERLOADED')
    assert.equal(journal.receipt('REALM_OVERLOADED').attempts.length, 24)
  })
})
