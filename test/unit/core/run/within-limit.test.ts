import assert from 'node:assert/strict'
import { linkedAbort } from '../../../../core/run/linked-abort.ts'
import { HELD_UP_LIMIT_MS, MAX_GIVEN_BACK_MS, withinLimit } from '../../../../core/run/within-limit.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const deaf = (): Promise<never> => new Promise(() => {})

describe('withinLimit', () => {
  let clock: ManualClock
  let parent: AbortController
  beforeEach(() => {
    clock = new ManualClock()
    parent = new AbortController()
  })
  const limited = <T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    withinLimit(parent.signal, 1_000, 'no card', run, clock)

  it('gives what was asked for, and leaves no timer behind', async () => {
    assert.equal(await limited(async () => 'card'), 'card')
    assert.equal(clock.pending, 0)
  })

  it('passes on what went wrong by itself', async () => {
    const broken = new Error('broken')
    await assert.rejects(
      limited(async () => {
        throw broken
      }),
      broken,
    )
    assert.equal(clock.pending, 0)
  })

  it('ends with TIMEOUT when the time is over, also when the signal is ignored', async () => {
    const result = limited(deaf)
    clock.advance(1_000)
    await assert.rejects(result, { code: 'TIMEOUT', message: 'no card within 1000 ms' })
  })

  it('gives back the time in which this process stood still, up to a bound', async () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const result = limited(() => promise)
    clock.advance(900)
    clock.stall(700) // 600 ms late: what came meanwhile is not read yet
    assert.equal(clock.pending, 1)
    resolve('card')
    assert.equal(await result, 'card')
    const asleep = withinLimit(parent.signal, 10_000, 'no card', deaf, clock)
    clock.stall(3_600_000)
    clock.advance(MAX_GIVEN_BACK_MS)
    await assert.rejects(asleep, { code: 'TIMEOUT', message: 'no card within 10000 ms' })
    assert.equal(clock.pending, 0)
  })

  it('takes a timer that is late by less for one that is not', async () => {
    const result = limited(deaf)
    clock.stall(1_000 + HELD_UP_LIMIT_MS - 1)
    await assert.rejects(result, { code: 'TIMEOUT' })
  })

  it('says why it ended, not what the abort made of it', async () => {
    const result = limited(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stream reset')))
        }),
    )
    clock.advance(1_000)
    await assert.rejects(result, { code: 'TIMEOUT' })
  })

  it('ends with the reason of its parent', async () => {
    let seen: AbortSignal | undefined
    const result = limited((signal) => {
      seen = signal
      return deaf()
    })
    parent.abort('stopped')
    await assert.rejects(result, (reason) => reason === 'stopped')
    assert.equal(seen?.reason, 'stopped')
    assert.equal(clock.pending, 0)
  })

  it('begins nothing under a parent that is aborted', async () => {
    parent.abort('stopped')
    await assert.rejects(
      limited(() => assert.fail('begun')),
      (reason) => reason === 'stopped',
    )
  })

  it('does not abort what has ended, nor stay attached to its parent', async () => {
    const life = linkedAbort()
    let seen: AbortSignal | undefined
    await withinLimit(
      life.signal,
      1_000,
      'nothing',
      async (signal) => {
        seen = signal
      },
      clock,
    )
    life.abort('later')
    assert.equal(seen?.aborted, false)
  })
})
