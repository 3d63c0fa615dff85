import assert from 'node:assert/strict'
import type { PathKind } from '../../../../core/net/path.ts'
import { compareLinks, isBetterLink, type LinkChoice } from '../../../../discovery/links/link-order.ts'

function link(kind: PathKind, rttMs?: number, suspect = false): LinkChoice {
  return { path: { kind, over: 'tcp' }, rttMs, suspect }
}

describe('the order of links to one peer', () => {
  it('is that of their paths, then of their round trips, with those that fell silent last', () => {
    const best = [
      link('loopback'),
      link('lan', 4),
      link('lan', 9),
      link('lan'),
      link('direct', 1),
      link('relayed', 1),
      link('loopback', 1, true),
    ]
    assert.deepEqual(best.toReversed().sort(compareLinks), best)
  })

  it('makes lanes move for a better path or an end of silence, and never for a round trip', () => {
    assert.equal(isBetterLink(link('direct', 90), link('relayed', 10)), true)
    assert.equal(isBetterLink(link('relayed', 10), link('direct', 90)), false)
    assert.equal(isBetterLink(link('direct', 10), link('direct', 90)), false)
    assert.equal(isBetterLink(link('relayed', 10), link('direct', 10, true)), true)
    assert.equal(isBetterLink(link('direct', 10, true), link('relayed', 10)), false)
  })
})
