import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { linkedAbort } from '../../../../../core/run/linked-abort.ts'
import { type Check, diagnose } from '../../../../../node/doctor/codes/diagnose.ts'
import { found } from '../../../../../node/doctor/codes/found.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'

describe('diagnose', () => {
  const well: Check = { name: 'disk', run: async () => [found('disk.ok', 'room')] }

  it('puts what is broken first, each finding once, and says how bad it is', async () => {
    const low: Check = { name: 'disk', run: async () => [found('disk.low', 'little room')] }
    const full: Check = {
      name: 'disk',
      run: async () => [found('disk.full', 'no room'), found('disk.full', 'no room')],
    }
    const { state, findings } = await diagnose([well, low, full], {
      clock: new ManualClock(),
      signal: linkedAbort().signal,
    })
    assert.equal(state, 'fail')
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['disk.full', 'disk.low', 'disk.ok'],
    )
  })

  it('tells of a check that hangs or fails, and of all others', async () => {
    const clock = new ManualClock()
    const hangs: Check = { name: 'gpu', run: () => new Promise(() => {}) }
    const fails: Check = { name: 'dht', run: () => Promise.reject(new Error('no table')) }
    const diagnosis = diagnose([hangs, fails, well], { clock, signal: linkedAbort().signal })
    await setImmediate() // the one that fails has failed by now
    clock.advance(60_000)
    const { state, findings } = await diagnosis
    assert.equal(state, 'ok')
    assert.deepEqual(
      findings.map(({ code, facts }) => [code, facts['check']]),
      [
        ['check.unknown', 'gpu'],
        ['check.unknown', 'dht'],
        ['disk.ok', undefined],
      ],
    )
    assert.match(findings[1]?.cause ?? '', /no table/)
  })

  it('ends with the reason of its signal, and leaves no timer', async () => {
    const clock = new ManualClock()
    const life = linkedAbort()
    const diagnosis = diagnose([{ name: 'gpu', run: () => new Promise(() => {}) }], { clock, signal: life.signal })
    life.abort(new Error('the client left'))
    await assert.rejects(diagnosis, /the client left/)
    assert.equal(clock.pending, 0)
  })
})
