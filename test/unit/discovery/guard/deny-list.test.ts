import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { DENY_MS, DenyList, denyListGates } from '../../../../discovery/guard/deny-list.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('deny list', () => {
  it('shuts a peer out for half an hour and lets it in again after', () => {
    const clock = new ManualClock()
    const list = new DenyList({ clock })
    list.deny('bad', 'flood')
    clock.advance(DENY_MS - 1)
    assert.ok(list.isDenied('bad'))
    assert.deepEqual(list.entries(), [{ peer: 'bad', reason: 'flood', msLeft: 1 }])
    clock.advance(1)
    assert.ok(!list.isDenied('bad'))
    assert.deepEqual(list.entries(), [])
  })

  it('forgives on request and knows nothing of others', () => {
    const list = new DenyList({ clock: new ManualClock() })
    list.deny('bad', 'flood')
    assert.ok(!list.isDenied('good'))
    list.forgive('bad')
    assert.ok(!list.isDenied('bad'))
  })

  it('stays within its bound: the oldest entries give way', () => {
    const list = new DenyList({ clock: new ManualClock() }, { maxPeers: 2 })
    for (const peer of ['a', 'b', 'c']) list.deny(peer, 'flood')
    assert.deepEqual(
      ['a', 'b', 'c'].map((peer) => list.isDenied(peer)),
      [false, true, true],
    )
  })

  it('closes every gate of libp2p to a denied peer and none to another', async () => {
    const list = new DenyList({ clock: new ManualClock() })
    const bad = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const good = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    list.deny(bad.toString(), 'flood')
    const { denyDialPeer, denyInboundEncryptedConnection, denyOutboundEncryptedConnection } = denyListGates(list)
    const connection = undefined as never
    for (const [peer, answer] of [
      [bad, true],
      [good, false],
    ] as const) {
      assert.equal(denyDialPeer(peer), answer)
      assert.equal(denyInboundEncryptedConnection(peer, connection), answer)
      assert.equal(denyOutboundEncryptedConnection(peer, connection), answer)
    }
  })
})
