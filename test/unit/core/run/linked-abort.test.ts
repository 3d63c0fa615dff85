import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { linkedAbort } from '../../../../core/run/linked-abort.ts'
import { HELD_UP_LIMIT_MS } from '../../../../core/run/within-limit.ts'
import { platformSignal } from '../../../support/platform-signal.ts'

describe('linkedAbort', () => {
  it('follows its parent until it is released', () => {
    const parent = new AbortController()
    const followed = linkedAbort(parent.signal)
    const released = linkedAbort(parent.signal)
    released.release()
    parent.abort('why')
    assert.equal(followed.signal.reason, 'why')
    assert.equal(released.signal.aborted, false)
  })

  it('is aborted at once under an aborted parent', () => {
    assert.equal(linkedAbort(AbortSignal.abort('early')).signal.reason, 'early')
  })

  it('tells any number of followers, in order, and lets go of those that were released', () => {
    const parent = linkedAbort()
    const told: number[] = []
    const followers = Array.from({ length: 100 }, (_, index) => {
      const follower = linkedAbort(parent.signal)
      follower.signal.addEventListener('abort', () => told.push(index))
      return follower
    })
    for (const follower of followers.slice(50)) follower.release()
    parent.abort('over')
    assert.deepEqual(
      told,
      Array.from({ length: 50 }, (_, index) => index),
    )
    assert.equal(followers[0]?.signal.reason, 'over')
    assert.equal(followers[99]?.signal.aborted, false)
  })

  it('does not tell who was released by another who was told', () => {
    const parent = linkedAbort()
    const first = linkedAbort(parent.signal)
    const second = linkedAbort(parent.signal)
    first.signal.addEventListener('abort', () => second.release())
    parent.abort('over')
    assert.deepEqual([first.signal.aborted, second.signal.aborted], [true, false])
  })

  it('gives back the time in which this process stood still', async () => {
    const life = linkedAbort()
    const over = new Promise<void>((resolve) => life.signal.addEventListener('abort', () => resolve()))
    life.expireIn(100, 'no answer')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150 + HELD_UP_LIMIT_MS) // the thread stands still
    await new Promise((resolve) => setTimeout(resolve, 1)) // the timer that fell due before this one has run
    assert.equal(life.signal.aborted, false)
    await over
    assert.ok(life.signal.reason instanceof RealmeshError && life.signal.reason.code === 'TIMEOUT')
    assert.equal(life.signal.reason.message, 'no answer within 100 ms')
  })

  it('is followed by a signal of the platform', async () => {
    const own = linkedAbort()
    const platform = platformSignal(own.signal)
    assert.equal(platform.aborted, false)
    own.abort('over')
    assert.equal(platform.reason, 'over')
    assert.equal(platformSignal(own.signal).reason, 'over')
    const foreign = new AbortController().signal
    assert.equal(platformSignal(foreign), foreign)
  })
})
