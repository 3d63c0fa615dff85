import assert from 'node:assert/strict'
import { ERROR_CODES, type ErrorCode } from '../../../../core/realmesh-error.ts'
import { blameOf, blamesRequest } from '../../../../routing/learning/blame.ts'

function blame(code: ErrorCode): string {
  return blameOf({ ok: false, code })
}

describe('blame', () => {
  it('is nobody’s for a success, and when the client left', () => {
    assert.equal(blameOf({ ok: true }), 'none')
    assert.equal(blame('CANCELLED'), 'none')
  })

  it('is the request’s where the peer says so, which is only its word', () => {
    const codes = (Object.keys(ERROR_CODES) as ErrorCode[]).filter(blamesRequest)
    assert.deepEqual(codes, ['BAD_REQUEST', 'PROMPT_TOO_LARGE', 'CONTEXT_TOO_LONG'])
    for (const code of codes) assert.equal(blame(code), 'request')
  })

  it('tells a peer from its engine, its load and its door', () => {
    assert.equal(blame('PEER_LOST'), 'peer')
    assert.equal(blame('ENGINE_FAILED'), 'model')
    assert.equal(blame('REALM_OVERLOADED'), 'load')
    assert.equal(blame('SHARE_REFUSED'), 'door')
  })

  it('is the peer’s for a failure without a code', () => {
    assert.equal(blameOf({ ok: false }), 'peer')
  })

  it('never opens a breaker for a code of which the peer’s operator or our own node is the cause', () => {
    const counts = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => ['peer', 'model'].includes(blame(code)))
    for (const code of ['UNAUTHORIZED', 'FORBIDDEN', 'CONSENT_NEEDED', 'CONFIG_INVALID', 'DRAINING'] as const) {
      assert.ok(!counts.includes(code), code)
    }
  })
})
