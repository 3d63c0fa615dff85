import assert from 'node:assert/strict'
import { linkedAbort } from '../../../../core/run/linked-abort.ts'
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
