import assert from 'node:assert/strict'
import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../../../core/logger.ts'
import { ContactKeeper } from '../../../../discovery/contact/contact-keeper.ts'
import { DialGate, HEARD_DIAL_RULE, MAX_TOLD_ADDRESSES } from '../../../../discovery/contact/dial-gate.ts'
import type { RememberedPeer } from '../../../../discovery/contact/remembered-peers.ts'
import { newPeerId } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const OWN = { addresses: [multiaddr('/ip4/192.168.1.7/tcp/4501')], networks: [] }
const ELSEWHERE = '/ip4/10.9.8.7/tcp/4501'

describe('dial gate', () => {
  it('denies a private address that was only heard of, and lets through what was told, with or without its peer', async () => {
    const gate = new DialGate({ clock: new ManualClock(), own: () => OWN })
    const named = multiaddr(`${ELSEWHERE}/p2p/${(await newPeerId()).toString()}`)
    const plain = multiaddr(ELSEWHERE)
    assert.ok(gate.denyDialMultiaddr(plain))
    gate.tell([named])
    assert.ok(!gate.denyDialMultiaddr(plain))
    assert.ok(!gate.denyDialMultiaddr(named))
    assert.ok(gate.denyDialMultiaddr(multiaddr('/ip4/10.9.8.7/tcp/22')))
  })

  it('judges by where the node is at the moment', () => {
    let own = OWN
    const gate = new DialGate({ clock: new ManualClock(), own: () => own })
    assert.ok(gate.denyDialMultiaddr(multiaddr(ELSEWHERE)))
    own = { addresses: [multiaddr('/ip4/10.9.8.1/tcp/4501')], networks: [] }
    assert.ok(!gate.denyDialMultiaddr(multiaddr(ELSEWHERE)))
  })

  it('keeps a bounded number of told addresses', () => {
    const gate = new DialGate({ clock: new ManualClock(), own: () => OWN })
    const first = multiaddr(ELSEWHERE)
    gate.tell([first])
    gate.tell(Array.from({ length: MAX_TOLD_ADDRESSES }, (_, i) => multiaddr(`/ip4/10.0.0.1/tcp/${i + 1}`)))
    assert.ok(gate.denyDialMultiaddr(first))
  })
})

describe('what remembered peers tell the dial gate', () => {
  for (const relation of ['home', 'friend', 'stranger'] as const) {
    it(`is ${relation === 'home' ? 'where a node of the own federation was' : `nothing of a ${relation}`}`, async () => {
      const told: string[] = []
      const id = (await newPeerId()).toString()
      const peer: RememberedPeer = { id, relation, addresses: [ELSEWHERE], lastContactMs: 0 }
      const keeper = new ContactKeeper({
        libp2p: {
          peerStore: { get: async () => ({ addresses: [] }), merge: async () => {} },
          getConnections: () => [],
        },
        table: { get: () => undefined, entries: () => [][Symbol.iterator]() as never },
        remembered: { list: () => [peer], note: () => {} },
        dialer: { suggest: () => true },
        dialGate: { tell: (addresses: readonly Multiaddr[]) => told.push(...addresses.map(String)) },
        name: () => {},
        log: silentLogger,
      })
      keeper.dialRemembered()
      assert.deepEqual(told, relation === 'home' ? [ELSEWHERE] : [])
    })
  }

  it('dials what it heard from others at one rate for all, and what it was told beyond that', () => {
    const clock = new ManualClock()
    const gate = new DialGate({ clock, own: () => OWN })
    const heard = (i: number): Multiaddr => multiaddr(`/ip4/198.51.100.7/tcp/${i + 1}`)
    for (let i = 0; i < HEARD_DIAL_RULE.burst; i += 1) assert.ok(!gate.denyDialMultiaddr(heard(i)))
    assert.ok(gate.denyDialMultiaddr(heard(0)))
    gate.tell([heard(0)])
    assert.ok(!gate.denyDialMultiaddr(heard(0)))
    clock.advance(1_000)
    for (let i = 0; i < HEARD_DIAL_RULE.perSecond; i += 1) assert.ok(!gate.denyDialMultiaddr(heard(i + 1)))
    assert.ok(gate.denyDialMultiaddr(heard(1)))
  })

  it('counts no dial that is denied anyway', () => {
    const gate = new DialGate({ clock: new ManualClock(), own: () => OWN })
    for (let i = 0; i < 2 * HEARD_DIAL_RULE.burst; i += 1) assert.ok(gate.denyDialMultiaddr(multiaddr(ELSEWHERE)))
    assert.ok(!gate.denyDialMultiaddr(multiaddr('/ip4/198.51.100.7/tcp/1')))
  })
})
