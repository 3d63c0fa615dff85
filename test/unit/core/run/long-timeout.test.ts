import assert from 'node:assert/strict'
import { type LongTimeoutOptions, longTimeout } from '../../../../core/run/long-timeout.ts'

const DAY_MS = 86_400_000

describe('longTimeout', () => {
  const real = globalThis.setTimeout
  /** The timers that Node was asked for. */
  let timers: { readonly ms: number; readonly task: () => void; readonly unref: () => void; unreffed: boolean }[]

  beforeEach(() => {
    timers = []
    const fake = (task: () => void, ms: number): unknown => {
      const unref = (): void => {
        timer.unreffed = true
      }
      const timer = { ms, task, unref, unreffed: false }
      timers.push(timer)
      return timer
    }
    globalThis.setTimeout = fake as unknown as typeof setTimeout
  })

  afterEach(() => {
    globalThis.setTimeout = real
  })

  /** Lets the timer that runs last come to its end. */
  const fire = (): void => timers.at(-1)?.task()
  const begun = (ms: number, options?: LongTimeoutOptions): (() => number) => {
    let calls = 0
    const count = (): void => {
      calls += 1
    }
    longTimeout(ms, count, options)
    return () => calls
  }

  it('is one timer where Node can count that far', () => {
    const calls = begun(24 * DAY_MS)
    fire()
    assert.deepEqual([timers.length, calls()], [1, 1])
  })

  it('never asks Node for more than it can count, and lasts as long as it was told', () => {
    const calls = begun(116 * DAY_MS)
    for (let i = 0; i < 4; i += 1) fire()
    assert.equal(calls(), 0)
    fire()
    assert.equal(calls(), 1)
    assert.ok(timers.every(({ ms }) => ms < 2 ** 31))
    assert.equal(
      timers.reduce((sum, { ms }) => sum + ms, 0),
      116 * DAY_MS,
    )
  })

  it('leaves the process free to end where that is wished, in every step', () => {
    begun(30 * DAY_MS, { keepsAlive: false })
    fire()
    assert.deepEqual(
      timers.map(({ unreffed }) => unreffed),
      [true, true],
    )
  })
})
