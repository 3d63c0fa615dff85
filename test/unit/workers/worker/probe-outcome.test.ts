import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { failureKind, isUnreachable, probeOutcome } from '../../../../workers/worker/probe-outcome.ts'

function coded(code: string): Error {
  return Object.assign(new Error(code), { code })
}

const wrapped = new RealmeshError('ENGINE_FAILED', 'x', { cause: coded('ECONNREFUSED') })
const bothFamilies = new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')])

describe('probeOutcome', () => {
  for (const [what, error, expected] of [
    ['a refused connection', coded('ECONNREFUSED'), 'unreachable'],
    ['one inside an error of the adapter', wrapped, 'unreachable'],
    [
      'one over IPv4 and one over IPv6',
      new RealmeshError('ENGINE_FAILED', 'x', { cause: bothFamilies }),
      'unreachable',
    ],
    ['a socket that was cut', coded('UND_ERR_SOCKET'), 'unreachable'],
    ['nothing in time', new RealmeshError('TIMEOUT', 'x'), 'silent'],
    ['a server that still loads', new RealmeshError('ENGINE_BUSY', 'x'), 'busy'],
    ['a wrong answer', new RealmeshError('ENGINE_GARBAGE', 'x'), 'refused'],
    ['an error status', new RealmeshError('ENGINE_FAILED', 'answered 500'), 'refused'],
    ['anything else', 'text', 'refused'],
  ] as const) {
    it(`${what} is ${expected}`, () => {
      assert.equal(probeOutcome(error), expected)
    })
  }

  it('does not follow causes in a circle', () => {
    const error = new Error('a')
    error.cause = error
    assert.equal(isUnreachable(error), false)
  })
})

describe('failureKind', () => {
  for (const [what, error, expected] of [
    ['a full engine', new RealmeshError('ENGINE_BUSY', 'x'), 'busy'],
    ['a failing engine', new RealmeshError('ENGINE_FAILED', 'x'), 'failed'],
    ['a query that the engine cannot read', new RealmeshError('ENGINE_FAILED', 'x', { retryable: false }), 'asker'],
    ['garbage', new RealmeshError('ENGINE_GARBAGE', 'x'), 'failed'],
    ['silence', new RealmeshError('TIMEOUT', 'x'), 'failed'],
    ['a model that is gone', new RealmeshError('MODEL_NOT_FOUND', 'x'), 'gone'],
    ['a prompt too long', new RealmeshError('CONTEXT_TOO_LONG', 'x'), 'asker'],
    ['a cancelled query', new RealmeshError('CANCELLED', 'x'), 'asker'],
    ['a bug in an adapter', new TypeError('x'), 'failed'],
  ] as const) {
    it(`${what}: ${expected}`, () => {
      assert.equal(failureKind(error), expected)
    })
  }
})
