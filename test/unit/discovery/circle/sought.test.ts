import assert from 'node:assert/strict'
import {
  ENOUGH_OF_FRIENDS,
  ENOUGH_OF_HOME,
  isSought,
  MAX_SOUGHT,
  soughtOf,
} from '../../../../discovery/circle/sought.ts'
import { newPeerEntry } from '../../../../discovery/peers/peer-entry.ts'
import type { Card } from '../../../../protocols/card/card.ts'

describe('what is sought', () => {
  it('is the own federation first, then friends in the order of the owner, each once, while the friendship lasts', () => {
    const friends = [
      { federation: 'theirs', untilMs: 2_000 },
      { peer: 'a' },
      { federation: 'theirs' },
      { federation: 'ours' },
      { peer: 'b', untilMs: 1_000 },
    ]
    assert.deepEqual(soughtOf({ federation: 'ours', friends }, 1_000), [
      { kind: 'federation', id: 'ours', enough: ENOUGH_OF_HOME },
      { kind: 'federation', id: 'theirs', enough: ENOUGH_OF_FRIENDS },
      { kind: 'peer', id: 'a', enough: 1 },
    ])
  })

  it('is bounded', () => {
    const friends = Array.from({ length: 100 }, (_, i) => ({ peer: `p${i}` }))
    assert.equal(soughtOf({ federation: 'ours', friends }, 0).length, MAX_SOUGHT)
  })

  it('is a member by its card while that proves it, and a peer by its id', () => {
    const card = { federation: { publicKey: 'ours' } } as Card
    const home = { relation: 'home', until: 9 } as const
    const member = { ...newPeerEntry('a', 0), card, standing: home }
    assert.equal(isSought({ kind: 'federation', id: 'ours' }, member), true)
    assert.equal(isSought({ kind: 'federation', id: 'theirs' }, member), false)
    const lapsed = { ...newPeerEntry('a', 0), card }
    assert.equal(isSought({ kind: 'federation', id: 'ours' }, lapsed), false)
    assert.equal(isSought({ kind: 'peer', id: 'a' }, lapsed), true)
  })
})
