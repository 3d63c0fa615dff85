import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { MultiaddrConnection } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../../../core/logger.ts'
import type { RealmeshError } from '../../../../core/realmesh-error.ts'
import { DENY_MS, DenyList, denyListGates, shutOut } from '../../../../discovery/guard/deny-list.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('deny list', () => {
  it('shuts a peer out for half an hour and lets it in again after', () => {
    const clock = new ManualClock()
    const list = new DenyList({ clock })
    list.deny('bad', 'flood')
    clock.advance(DENY_MS - 1)
    assert.ok(list.isDenied('bad'))
    assert.ok(!list.isDenied('good'))
    clock.advance(1)
    assert.ok(!list.isDenied('bad'))
  })

  it('keeps out whom the owner blocks for as long as they are named, beside those that it shut out itself', () => {
    const clock = new ManualClock()
    const list = new DenyList({ clock })
    list.deny('bad', 'flood')
    assert.deepEqual(list.block(['worse', 'bad']), ['worse', 'bad'])
    assert.deepEqual(list.block(['worse', 'bad', 'last']), ['last'])
    clock.advance(DENY_MS)
    assert.deepEqual(
      list.list().map(({ id, forMs }) => [id, forMs]),
      [
        ['worse', undefined],
        ['bad', undefined],
        ['last', undefined],
      ],
    )
    list.block([])
    assert.ok(!list.isDenied('bad') && !list.isDenied('worse'))
    list.deny('bad', 'flood')
    list.pardon('bad')
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

  it('lists those that are out now, the latest first, with the reason and how long they stay out', () => {
    const clock = new ManualClock()
    const list = new DenyList({ clock })
    list.deny('early', 'too many pings')
    clock.advance(1_000)
    list.deny('late', 'too many DHT requests')
    assert.deepEqual(list.list(), [
      { id: 'late', reason: 'too many DHT requests', forMs: DENY_MS },
      { id: 'early', reason: 'too many pings', forMs: DENY_MS - 1_000 },
    ])
    assert.ok(list.has('too many pings'))
    clock.advance(DENY_MS - 1_000)
    assert.deepEqual(
      list.list().map(({ id }) => id),
      ['late'],
    )
    assert.ok(!list.has('too many pings'))
  })

  it('closes every gate of libp2p to a denied peer and none to another', async () => {
    const list = new DenyList({ clock: new ManualClock() })
    const bad = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const good = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    list.deny(bad.toString(), 'flood')
    const charged: string[] = []
    const { denyDialPeer, denyInboundEncryptedConnection, denyOutboundEncryptedConnection } = denyListGates(
      list,
      (address) => charged.push(address.toString()),
    )
    const connection = { remoteAddr: multiaddr('/ip4/198.51.100.7/tcp/1') } as MultiaddrConnection
    for (const [peer, answer] of [
      [bad, true],
      [good, false],
    ] as const) {
      assert.equal(denyDialPeer(peer), answer)
      assert.equal(denyInboundEncryptedConnection(peer, connection), answer)
      assert.equal(denyOutboundEncryptedConnection(peer, connection), answer)
    }
    assert.deepEqual(charged, ['/ip4/198.51.100.7/tcp/1'], 'a knock costs its address, a dial of ours none')
  })
})

describe('shutting a peer out', () => {
  it('denies it before its connections are cut, all of them, and tells why', async () => {
    const denyList = new DenyList({ clock: new ManualClock() })
    const bad = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
    const cut: [denied: boolean, code: unknown][] = []
    const charged: string[] = []
    const connection = {
      direction: 'inbound' as const,
      remoteAddr: multiaddr('/ip4/198.51.100.7/tcp/1'),
      abort: (error: Error) => {
        cut.push([denyList.isDenied(bad), (error as RealmeshError).code])
      },
    }
    const libp2p = { getConnections: () => [connection, connection] }
    const warned: object[] = []
    const log = { ...silentLogger, warn: (fields: object) => warned.push(fields) }
    const charge = (address: Multiaddr): unknown => charged.push(address.toString())
    shutOut({ libp2p, denyList, log, charge }, bad, 'flood')
    shutOut({ libp2p, denyList, log, charge }, bad, 'flood again')
    assert.deepEqual(charged, ['/ip4/198.51.100.7/tcp/1'])
    assert.deepEqual(cut, [
      [true, 'PROTOCOL_ERROR'],
      [true, 'PROTOCOL_ERROR'],
    ])
    assert.deepEqual(warned, [{ peer: bad, reason: 'flood' }])
  })

  it('names each reason once while it lasts, however many peers it is the reason of', async () => {
    const clock = new ManualClock()
    const denyList = new DenyList({ clock })
    const warned: unknown[] = []
    const told: unknown[] = []
    const log = {
      ...silentLogger,
      warn: (fields: { reason?: unknown }) => warned.push(fields.reason),
      debug: (fields: { reason?: unknown }) => told.push(fields.reason),
    }
    const shutOutAnother = async (reason: string): Promise<void> => {
      const peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
      shutOut({ libp2p: { getConnections: () => [] }, denyList, log }, peer, reason)
    }
    for (let i = 0; i < 5; i += 1) await shutOutAnother('too many pings')
    await shutOutAnother('too many DHT requests')
    assert.deepEqual(warned, ['too many pings', 'too many DHT requests'])
    assert.equal(told.length, 4)
    clock.advance(DENY_MS)
    await shutOutAnother('too many pings')
    assert.deepEqual(warned, ['too many pings', 'too many DHT requests', 'too many pings'])
  })
})
