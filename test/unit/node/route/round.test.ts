import assert from 'node:assert/strict'
import { type ErrorCode, RealmeshError } from '../../../../core/realmesh-error.ts'
import { isFinal, Round } from '../../../../node/route/round.ts'

const error = (code: ErrorCode): RealmeshError => new RealmeshError(code, 'x')

describe('Round', () => {
  it('avoids what broke for good, and what is full in this round only', () => {
    const avoid = new Set(['unwanted'])
    const round = new Round(avoid)
    round.failed('broken', error('PEER_LOST'))
    round.failed('full', error('REALM_OVERLOADED'))
    assert.deepEqual([round.tries, [...avoid], [...round.refused]], [2, ['unwanted', 'broken'], ['full']])
  })

  it('ends with a refusal for load if there was one, else with the last failure', () => {
    const round = new Round(new Set())
    assert.deepEqual([round.verdict], [undefined])
    round.failed('a', error('ENGINE_FAILED'))
    round.failed('b', error('PEER_LOST'))
    assert.equal(round.verdict?.code, 'PEER_LOST')
    round.failed('c', error('REALM_OVERLOADED'))
    round.failed('d', error('PEER_LOST'))
    assert.equal(round.verdict?.code, 'REALM_OVERLOADED')
  })
})

describe('an error that no other place cures', () => {
  for (const [code, final] of [
    ['BAD_REQUEST', true],
    ['CONTEXT_TOO_LONG', true],
    ['MODEL_NOT_FOUND', false],
    ['CAPABILITY_MISSING', false],
    ['PEER_LOST', false],
    ['REALM_OVERLOADED', false],
  ] as const) {
    it(`${code} is ${final ? '' : 'not '}final`, () => {
      assert.equal(isFinal(error(code)), final)
    })
  }
})
