import assert from 'node:assert/strict'
import type { Scope } from '../../../../core/scope.ts'
import { advertisedNames } from '../../../../discovery/dht/advertised-names.ts'
import { chatModel } from '../../../support/routing.ts'

function offering(share: Scope, ...names: readonly string[]) {
  return { share, models: names.map((name) => ({ model: chatModel({ name }), realm: '$CHAT', slots: 1 })) }
}

const FEDERATION = { kind: 'federation', name: 'ours' } as const

describe('advertised names', () => {
  it('are the federation, the realms with real models, then the models, each once', () => {
    assert.deepEqual(advertisedNames(offering('home', 'Tiny:latest', 'tiny', 'big'), 'ours'), [
      FEDERATION,
      { kind: 'realm', name: '$CHAT' },
      { kind: 'model', name: 'tiny' },
      { kind: 'model', name: 'big' },
    ])
  })

  it('never name what is built in, and no realm that only that serves', () => {
    assert.deepEqual(advertisedNames(offering('public', 'builtin/guide'), 'ours'), [FEDERATION])
    assert.deepEqual(advertisedNames(offering('public', 'builtin/guide', 'tiny'), 'ours'), [
      FEDERATION,
      { kind: 'realm', name: '$CHAT' },
      { kind: 'model', name: 'tiny' },
    ])
  })

  it('are none for a node that serves only itself', () => {
    assert.deepEqual(advertisedNames(offering('local', 'tiny'), 'ours'), [])
  })
})
