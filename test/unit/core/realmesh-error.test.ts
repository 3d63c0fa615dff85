import assert from 'node:assert/strict'
import { RealmeshError, toRealmeshError } from '../../../core/realmesh-error.ts'

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
