import assert from 'node:assert/strict'
import { canonicalModelName, isAutoModel, sameModel } from '../../../../core/model/model-name.ts'
import { RealmeshError, toRealmeshError } from '../../../../core/realmesh-error.ts'
import { platformSignal } from '../../../../core/run/cancel-signal.ts'
import { linkedAbort } from '../../../../core/run/linked-abort.ts'
import { narrowerScope, scopeCovers, scopeReaches } from '../../../../core/scope.ts'

describe('scope', () => {
  const REACHES = [
    ['local', 'home', false],
    ['local', 'friend', false],
    ['local', 'stranger', false],
    ['home', 'home', true],
    ['home', 'friend', false],
    ['home', 'stranger', false],
    ['friends', 'home', true],
    ['friends', 'friend', true],
    ['friends', 'stranger', false],
    ['public', 'home', true],
    ['public', 'friend', true],
    ['public', 'stranger', true],
  ] as const
  for (const [scope, relation, expected] of REACHES) {
    it(`${scope} ${expected ? 'reaches' : 'does not reach'} a ${relation} node`, () => {
      assert.equal(scopeReaches(scope, relation), expected)
    })
  }

  it('orders the four words', () => {
    assert.equal(scopeCovers('public', 'local'), true)
    assert.equal(scopeCovers('home', 'friends'), false)
    assert.equal(narrowerScope('public', 'home'), 'home')
  })
})

describe('model names', () => {
  it('treats a missing tag as latest and ignores case', () => {
    assert.equal(sameModel('Llama3', 'llama3:latest'), true)
    assert.equal(sameModel('llama3:8b', 'llama3'), false)
    assert.equal(canonicalModelName(' Org/Model:Q4 '), 'org/model:q4')
  })

  it('knows when the choice is left to the router', () => {
    assert.deepEqual(['', 'auto', 'llama3'].map(isAutoModel), [true, true, false])
  })
})

describe('RealmeshError', () => {
  it('takes retryable from the table unless told otherwise', () => {
    assert.equal(new RealmeshError('NO_WORKER', 'none').retryable, true)
    assert.equal(new RealmeshError('NO_WORKER', 'none', { retryable: false }).retryable, false)
  })

  it('turns an abort into CANCELLED and keeps the cause of anything else', () => {
    const abort = new DOMException('gone', 'AbortError')
    assert.equal(toRealmeshError(abort).code, 'CANCELLED')
    const cause = new TypeError('x')
    assert.equal(toRealmeshError(cause, 'ENGINE_FAILED').cause, cause)
  })
})

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
