import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../../../core/realmesh-error.ts'
import { MAX_LINE_TRIES, verdictOf } from '../../../../../../gateway/openai/batches/run/line-verdict.ts'

describe('what becomes of a line that was not answered', () => {
  for (const code of ['REALM_OVERLOADED', 'NO_WORKER', 'MODEL_NOT_FOUND', 'KEY_LIMIT', 'STORAGE_FULL'] as const) {
    it(`waits as often as it meets ${code}`, () => {
      assert.equal(verdictOf(new RealmeshError(code, 'x', { retryable: false }), 1_000), 'waits')
    })
  }

  it('waits when its answer had to give way', () => {
    const cause = new RealmeshError('REALM_OVERLOADED', 'needed')
    assert.equal(verdictOf(new RealmeshError('ANSWER_CUT', 'cut', { cause }), 1_000), 'waits')
  })

  it('is tried again so often after a failure, and not after a fault of its own', () => {
    const failure = new RealmeshError('ENGINE_FAILED', 'x')
    assert.equal(verdictOf(failure, MAX_LINE_TRIES - 1), 'again')
    assert.equal(verdictOf(failure, MAX_LINE_TRIES), 'failed')
    assert.equal(verdictOf(new RealmeshError('BAD_REQUEST', 'x'), 1), 'failed')
    assert.equal(verdictOf(new RealmeshError('CONTEXT_TOO_LONG', 'x'), 1), 'failed')
  })

  it('has failed where the operator ended it, or shut its user out', () => {
    for (const code of ['USER_BANNED', 'TERMINATED'] as const) {
      assert.equal(verdictOf(new RealmeshError(code, 'x'), 1), 'failed')
    }
  })
})
