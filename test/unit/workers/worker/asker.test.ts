import assert from 'node:assert/strict'
import type { Scope } from '../../../../core/scope.ts'
import { type Asker, scopeServes } from '../../../../workers/worker/asker.ts'

describe('scopeServes', () => {
  for (const [scope, served] of [
    ['local', ['own']],
    ['home', ['own', 'home']],
    ['friends', ['own', 'home', 'friend']],
    ['public', ['own', 'home', 'friend', 'stranger']],
  ] as const satisfies readonly [Scope, readonly Asker[]][]) {
    it(`${scope} serves ${served.join(', ')}`, () => {
      const askers = (['own', 'home', 'friend', 'stranger'] as const).filter((asker) => scopeServes(scope, asker))
      assert.deepEqual(askers, served)
    })
  }
})
