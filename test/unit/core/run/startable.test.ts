import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { boundedStart, type Startable, startAll, stopAll } from '../../../../core/run/startable.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

/** A part that writes down what is done with it. */
function part(name: string, log: string[], overrides: Partial<Startable> = {}): Startable {
  const noting = (act: 'start' | 'stop') => async (): Promise<void> => {
    log.push(`${act} ${name}`)
    await overrides[act]?.()
  }
  return { start: noting('start'), stop: noting('stop') }
}

const failing = (message: string) => async (): Promise<void> => {
  throw new Error(message)
}

describe('startAll', () => {
  it('undoes a failed start in reverse order, that of the part which failed half-way included', async () => {
    const log: string[] = []
    const parts = [part('a', log), part('b', log), part('c', log, { start: failing('c failed') }), part('d', log)]
    await assert.rejects(startAll(parts), /c failed/)
    assert.deepEqual(log, ['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a'])
  })

  it('tells what failed, and never hides it behind what could not be undone', async () => {
    const busy = new RealmeshError('PORT_IN_USE', 'no port', { fix: 'take another' })
    const stuck = part('a', [], { start: () => Promise.reject(busy), stop: failing('stuck') })
    await assert.rejects(startAll([stuck]), (error) => {
      assert.ok(error instanceof RealmeshError)
      assert.deepEqual([error.code, error.message, error.fix], ['PORT_IN_USE', 'no port', 'take another'])
      const { cause } = error
      assert.ok(cause instanceof AggregateError)
      assert.equal(cause.errors[0], busy)
      assert.match(String(cause.errors[1]?.errors[0]), /stuck/)
      return true
    })
  })

  it('throws the failure itself when everything could be undone', async () => {
    const cause = new Error('no port')
    await assert.rejects(startAll([part('a', [], { start: () => Promise.reject(cause) })]), (error) => error === cause)
  })
})

describe('stopAll', () => {
  it('gives every part its turn to stop, and then reports what failed', async () => {
    const log: string[] = []
    const thrower: Startable = {
      start: async () => {},
      stop: () => {
        throw new Error('thrown at once')
      },
    }
    const broken = part('b', log, { stop: failing('stuck') })
    await assert.rejects(stopAll([part('a', log), broken, thrower, part('c', log)]), (error) => {
      assert.ok(error instanceof AggregateError)
      assert.deepEqual(error.errors.map(String), ['Error: thrown at once', 'Error: stuck'])
      return true
    })
    assert.deepEqual(log, ['stop c', 'stop b', 'stop a'])
  })
})

describe('boundedStart', () => {
  let clock: ManualClock
  let log: string[]
  let failures: unknown[]
  let goOn: () => void

  beforeEach(() => {
    clock = new ManualClock()
    log = []
    failures = []
  })

  const bounded = (inner: Startable): Startable =>
    boundedStart(inner, { clock, ms: 700, onFailure: (error) => failures.push(error) })

  /** A part whose start ends when the test says so. */
  const slow = (): Startable =>
    part('slow', log, {
      start: async () => {
        await new Promise<void>((resolve) => {
          goOn = resolve
        })
        log.push('started slow')
      },
    })

  it('waits for a part that starts in time, and leaves no timer', async () => {
    await bounded(part('quick', log)).start()
    assert.deepEqual(log, ['start quick'])
    assert.equal(clock.pending, 0)
  })

  it('goes on without a slow part once its time is over', async () => {
    const start = bounded(slow()).start()
    clock.advance(700)
    await start
    assert.deepEqual(log, ['start slow'])
  })

  it('is stopped only when the start that goes on has ended', async () => {
    const slowPart = bounded(slow())
    const start = slowPart.start()
    clock.advance(700)
    await start
    const stopped = slowPart.stop().then(() => log.push('stopped'))
    await new Promise(setImmediate)
    assert.deepEqual(log, ['start slow', 'stop slow'], 'the part is told at once')
    goOn()
    await stopped
    assert.deepEqual(log, ['start slow', 'stop slow', 'started slow', 'stopped'])
  })

  it('stops a part whose start failed, and tells why', async () => {
    await bounded(part('broken', log, { start: failing('no engine') })).start()
    assert.deepEqual(log, ['start broken', 'stop broken'])
    assert.match(String(failures[0]), /no engine/)
    assert.equal(failures.length, 1)
  })

  it('does not tell of a start that failed because it was stopped', async () => {
    const given = bounded(
      part('slow', log, {
        start: () =>
          new Promise((_, reject) => {
            goOn = () => reject(new Error('stopped'))
          }),
        stop: async () => goOn(),
      }),
    )
    const start = given.start()
    await given.stop()
    await start
    assert.deepEqual(failures, [])
    assert.equal(clock.pending, 0)
  })
})
