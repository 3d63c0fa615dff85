import assert from 'node:assert/strict'
import { nextSteps, type TriedWay } from '../../../../discovery/ways-in/next-steps.ts'

describe('next steps', () => {
  const all: readonly TriedWay[] = ['remembered', 'bootstrap', 'mdns', 'rendezvous']

  it('always are an invitation, which needs nothing', () => {
    for (const tried of [[], ...all.map((way) => [way]), all]) {
      assert.match(nextSteps(tried).join('\n'), /realmesh invite/)
    }
  })

  it('name no way that is tried already', () => {
    assert.doesNotMatch(nextSteps(['bootstrap']).join('\n'), /--bootstrap/)
    assert.doesNotMatch(nextSteps(['rendezvous']).join('\n'), /node\.rendezvous/)
    assert.match(nextSteps(['mdns']).join('\n'), /--bootstrap[\s\S]*node\.rendezvous/)
  })
})
