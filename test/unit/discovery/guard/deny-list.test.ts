import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { silentLogger } from '../../../../core/logger.ts'
import type { RealmeshError } from '../../../../core/realmesh-error.ts'
import { DENY_MS, DenyList, denyListGates, shutOut } from '../../../../discovery/guard/deny-list.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('deny list', () => {
  it('shuts a peer out for half an hour and lets it in again after', () => {
    const clock = new ManualClock()
    const list = new DenyList({ clock })
    list.deny('bad')
    clock.advance(DENY_MS - 1)
    assert.ok(list.isDenied('bad'))
    assert.ok(!list.isDenied('good'))
    clock.advance(1)
    assert.ok(!list.isDenied('bad'))
  })

  it('stays within its bound: the oldest entries give way', () => {
    const list = new DenyList({ clock: new ManualClock() }, { maxPeers: 2 })
    for (const peer of ['a', 'b', 'c']) list.deny(peer)
    assert.deepEqual(
      ['a', 'b', 'c'].map((peer) => list.isDenied(peer)),
      [false, true, true],
    )
  })

  it('closes every gate of libp2p to a denied peer and none to another', async () => {
    const list = new DenyList({ clock: new ManualClock() })
    const bad = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const good = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    list.deny(bad.toString())
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

describe('shutting a peer out', () => {
  it('denies it before its connections are cut, all of them, and tells why', async () => {
    const denyList = new DenyList({ clock: new ManualClock() })
    const bad = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
    const cut: [denied: boolean, code: unknown][] = []
    const connection = {
      abort: (error: Error) => {
        cut.push([denyList.isDenied(bad), (error as RealmeshError).code])
      },
    }
    const libp2p = { getConnections: () => [connection, connection] }
    const warned: object[] = []
    const log = { ...silentLogger, warn: (fields: object) => warned.push(fields) }
    shutOut({ libp2p, denyList, log }, bad, 'flood')
    shutOut({ libp2p, denyList, log }, bad, 'flood again')
    assert.deepEqual(cut, [
      [true, 'PROTOCOL_ERROR'],
      [true, 'PROTOCOL_ERROR'],
    ])
    assert.deepEqual(warned, [{ peer: bad, reason: 'flood' }])
  })
})
