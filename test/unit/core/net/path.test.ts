import assert from 'node:assert/strict'
import { PATH_RANK, type Path, type PathKind, pathText } from '../../../../core/net/path.ts'

describe('a path', () => {
  it('is told in a few words, TCP unsaid', () => {
    const rows: readonly (readonly [Path, string])[] = [
      [{ kind: 'loopback', over: 'tcp' }, 'loopback'],
      [{ kind: 'lan', over: 'tcp' }, 'lan'],
      [{ kind: 'direct', over: 'tcp' }, 'direct'],
      [{ kind: 'direct', over: 'webrtc' }, 'direct, webrtc'],
      [{ kind: 'direct', over: 'other' }, 'direct, other'],
      [{ kind: 'relayed', over: 'tcp' }, 'relayed'],
      [{ kind: 'relayed', over: 'tcp', relay: '12D3KooWabcdefgh' }, 'relayed by …abcdefgh'],
    ]
    for (const [path, text] of rows) assert.equal(pathText(path), text)
  })

  it('is the better the fewer are between', () => {
    const kinds: readonly PathKind[] = ['relayed', 'direct', 'loopback', 'lan']
    assert.deepEqual(
      kinds.toSorted((a, b) => PATH_RANK[a] - PATH_RANK[b]),
      ['loopback', 'lan', 'direct', 'relayed'],
    )
  })
})
