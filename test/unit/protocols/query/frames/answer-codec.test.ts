import assert from 'node:assert/strict'
import { ERROR_CODES, type ErrorCode, RealmeshError } from '../../../../../core/realmesh-error.ts'
import { decodeFailure, encodeFailure } from '../../../../../protocols/query/frames/answer-codec.ts'

/** Codes that must stay at home, whatever is added to the table of codes. */
const PRIVATE: readonly ErrorCode[] = [
  'STORAGE_FAILED',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'CONFIG_INVALID',
  'INTERNAL',
  'KEY_FILE_BAD',
]

describe('a failure on the wire', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    it(`${code} arrives as itself, or as what it means there`, () => {
      const sent = new RealmeshError(code, 'because of /home/me', { fix: 'do this', retryAfterMs: 50 })
      const arrived = decodeFailure(encodeFailure(sent))
      if (code === 'CANCELLED') assert.equal(arrived.code, 'PEER_LOST')
      else if (arrived.code === code && code !== 'ENGINE_FAILED') {
        assert.ok(!PRIVATE.includes(code))
        const { message, fix, retryAfterMs, retryable } = arrived
        assert.deepEqual(
          { message, fix, retryAfterMs, retryable },
          { message: 'because of /home/me', fix: 'do this', retryAfterMs: 50, retryable: sent.retryable },
        )
      } else if (code !== 'ENGINE_FAILED') {
        assert.deepEqual([arrived.code, arrived.retryable], ['ENGINE_FAILED', true])
        assert.doesNotMatch(arrived.message, /home/)
      }
    })
  }

  it('keeps the retryable of the sender', () => {
    const sent = new RealmeshError('ENGINE_FAILED', 'out of memory for this prompt', { retryable: false })
    assert.equal(decodeFailure(encodeFailure(sent)).retryable, false)
  })

  it('never carries a stack or the text of a foreign error', () => {
    const failure = encodeFailure(new TypeError('cannot read /etc/shadow of undefined'))
    assert.doesNotMatch(JSON.stringify(failure), /shadow|at /)
  })

  it('takes a cancel that comes from a peer for a query that the peer dropped', () => {
    const failure = encodeFailure(new DOMException('stop', 'AbortError'))
    const { code, retryable } = decodeFailure({ ...failure, retryable: false })
    assert.deepEqual([failure.code, code, retryable], ['CANCELLED', 'PEER_LOST', true])
  })

  it('takes a code that is unknown, or not a peer’s to use, for a broken protocol', () => {
    for (const code of ['TEAPOT', 'UNAUTHORIZED', 'STORAGE_FULL', 'toString', '__proto__', '']) {
      assert.equal(decodeFailure({ code, message: 'm', retryable: false }).code, 'PROTOCOL_ERROR')
    }
  })

  it('bounds the wait', () => {
    const failure = { code: 'ENGINE_BUSY', message: '', retryable: true, retryAfterMs: 4_294_967_295 }
    assert.equal(decodeFailure(failure).retryAfterMs, 3_600_000)
    assert.equal(decodeFailure(failure).message, 'the peer gave no reason')
  })
})
