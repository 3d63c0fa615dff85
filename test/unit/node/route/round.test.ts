import assert from 'node:assert/strict'
import { type ErrorCode, RealmeshError } from '../../../../core/realmesh-error.ts'
import type { Place } from '../../../../node/route/places.ts'
import { Round } from '../../../../node/route/round.ts'

const error = (code: ErrorCode): RealmeshError => new RealmeshError(code, 'x')

function place(node: string, overrides: Partial<Place> = {}): Place {
  const rest = { model: 'tiny', cost: 1, hit: 'drawn', sure: true, realm: '$CHAT', relation: 'friend' } as const
  return { node, owner: node, ...rest, ...overrides }
}

describe('Round', () => {
  it('avoids what broke for good, and what is full in this round only', () => {
    const avoid = new Set(['unwanted'])
    const round = new Round(avoid)
    round.failed(place('broken'), error('PEER_LOST'))
    round.failed(place('full'), error('REALM_OVERLOADED'))
    assert.deepEqual([round.tries, [...avoid], [...round.refused]], [2, ['unwanted', 'broken'], ['full']])
    const next = new Round(avoid, round)
    assert.deepEqual([next.tries, [...next.refused], next.verdict], [0, [], undefined])
  })

  it('ends with a refusal for load if there was one, else with the last failure', () => {
    const round = new Round(new Set())
    assert.deepEqual([round.verdict], [undefined])
    round.failed(place('a'), error('ENGINE_FAILED'))
    round.failed(place('b'), error('PEER_LOST'))
    assert.equal(round.verdict?.code, 'PEER_LOST')
    round.failed(place('c'), error('REALM_OVERLOADED'))
    round.failed(place('d'), error('PEER_LOST'))
    assert.equal(round.verdict?.code, 'REALM_OVERLOADED')
  })

  it('believes a failure before the word of another owner, and a node of our own before both', () => {
    const round = new Round(new Set())
    round.failed(place('stranger'), error('BAD_REQUEST'))
    assert.equal(round.verdict?.code, 'BAD_REQUEST')
    round.failed(place('lost'), error('PEER_LOST'))
    assert.equal(round.verdict?.code, 'PEER_LOST')
    round.failed(place('mine', { relation: 'home', owner: 'own' }), error('PROMPT_TOO_LARGE'))
    assert.equal(round.verdict?.code, 'PROMPT_TOO_LARGE')
  })

  it('has two owners agree only on the same word, whatever the round', () => {
    const round = new Round(new Set())
    round.failed(place('a'), error('BAD_REQUEST'))
    round.failed(place('b'), error('PROMPT_TOO_LARGE'))
    assert.equal(round.agreed, undefined)
    const next = new Round(new Set(), round)
    next.failed(place('c'), error('PROMPT_TOO_LARGE'))
    assert.equal(next.agreed?.code, 'PROMPT_TOO_LARGE')
  })

  it('goes on with a prompt that is too long to a larger window, and blames only who has no smaller one', () => {
    const round = new Round(new Set())
    round.failed(place('small', { contextLength: 2_048 }), error('CONTEXT_TOO_LONG'))
    round.failed(place('large', { contextLength: 8_192 }), error('CONTEXT_TOO_LONG'))
    assert.deepEqual([round.agreed, round.outgrown], [undefined, 8_192])
    const blamed = (window: number): readonly string[] =>
      round.contradictedBy(place('served', { contextLength: window })).map(({ node }) => node)
    assert.deepEqual([blamed(32_768), blamed(8_192)], [[], ['large']])
    assert.deepEqual(round.contradictedBy(place('silent')), [])
  })
})
