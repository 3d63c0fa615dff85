import assert from 'node:assert/strict'
import { BadField } from '../../../../core/check-value.ts'
import { ERROR_CODES, type ErrorCode, RealmeshError } from '../../../../core/realmesh-error.ts'
import { HTTP_ERRORS, toProblem } from '../../../../gateway/request/errors.ts'

describe('errors as clients see them', () => {
  it('has a row with a status of failure for every code', () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      const { status } = HTTP_ERRORS[code]
      assert.ok(status >= 400 && status < 600, code)
    }
  })

  it('tells the wait of an overload in seconds and in milliseconds', () => {
    const { status, headers } = toProblem(new RealmeshError('REALM_OVERLOADED', 'full', { retryAfterMs: 2300 }))
    assert.equal(status, 429)
    assert.deepEqual(headers, { 'retry-after': '3', 'retry-after-ms': '2300', 'x-should-retry': 'true' })
  })

  it('stops clients from retrying what can never succeed', () => {
    const never = new RealmeshError('NO_WORKER', 'no node of the swarm has a GPU', { retryable: false })
    assert.deepEqual(toProblem(never).headers, { 'x-should-retry': 'false' })
  })

  it('advises no retry where the request itself is wrong', () => {
    assert.deepEqual(toProblem(new RealmeshError('BAD_REQUEST', 'x')).headers, { 'x-should-retry': 'false' })
    const engines = new RealmeshError('MODEL_NOT_FOUND', 'gone there', { retryable: true })
    assert.deepEqual(toProblem(engines).headers, { 'x-should-retry': 'false' })
  })

  it('keeps the words of an unexpected error inside', () => {
    assert.doesNotMatch(toProblem(new RealmeshError('INTERNAL', 'secret at 0x7f00')).message, /secret/)
  })

  it('opens with the words by which programs know that a conversation is too long, where they do not read the code', () => {
    const { message } = toProblem(new RealmeshError('CONTEXT_TOO_LONG', 'about 9 tokens do not fit into the 8 of tiny'))
    assert.match(message, /^This model's maximum context length is .*: about 9 tokens do not fit into the 8 of tiny$/)
  })

  it('says what to do where an engine or a peer refused and told the cause only', () => {
    const refused = new RealmeshError('CONTEXT_TOO_LONG', 'too many tokens')
    assert.match(toProblem(refused).fix ?? '', /shorten the conversation/)
    const own = new RealmeshError('CONTEXT_TOO_LONG', 'too many tokens', { fix: 'leave out the pictures' })
    assert.equal(toProblem(own).fix, 'leave out the pictures')
  })

  it('names the field that is wrong', () => {
    assert.equal(toProblem(new BadField('messages[0]', 'odd')).param, 'messages[0]')
  })
})
