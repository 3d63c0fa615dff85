import assert from 'node:assert/strict'
import type { PathKind } from '../../../../core/net/path.ts'
import { pathCounts } from '../../../../node/operate/path-counts.ts'

function peer(kind: PathKind, rttMs?: number) {
  return { path: { kind, over: 'tcp' } as const, rttMs }
}

describe('the ways to peers', () => {
  it('are counted by kind, the best first, with the middle round trip of each', () => {
    const silent = { path: undefined, rttMs: 3 }
    assert.deepEqual(pathCounts([peer('relayed'), peer('lan', 9), peer('lan', 1), silent, peer('lan', 2)]), [
      { kind: 'lan', peers: 3, rttMs: 2 },
      { kind: 'relayed', peers: 1 },
    ])
    assert.deepEqual(pathCounts([silent]), [])
  })
})
