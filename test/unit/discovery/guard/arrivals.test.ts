import assert from 'node:assert/strict'
import type { MultiaddrConnection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import {
  ARRIVAL_RULE,
  Arrivals,
  DENIAL_COST,
  MAX_HALF_OPEN_PER_ADDRESS,
  RELAYED_ARRIVAL_RULE,
} from '../../../../discovery/guard/arrivals.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

let port = 1_024

/** A connection that has just been accepted from `host`. */
function arrival(host: string): MultiaddrConnection {
  port += 1
  const remoteAddr = multiaddr(`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${port}`)
  return Object.assign(new EventTarget(), { remoteAddr }) as unknown as MultiaddrConnection
}

function setUp() {
  const clock = new ManualClock()
  const arrivals = new Arrivals({ clock })
  /** Whether it was let in; its handshake is done at once. */
  const passes = (host: string): boolean => {
    const connection = arrival(host)
    if (arrivals.denyInboundConnection(connection)) return false
    assert.ok(!arrivals.denyInboundUpgradedConnection(undefined, connection))
    return true
  }
  return { clock, arrivals, passes }
}

describe('arrivals', () => {
  it('are limited by the address they come from, and go on at a steady rate', () => {
    const { clock, passes } = setUp()
    for (let i = 0; i < ARRIVAL_RULE.burst; i += 1) assert.ok(passes('192.168.1.9'))
    assert.ok(!passes('192.168.1.9'))
    assert.ok(passes('192.168.1.10'), 'a neighbour')
    clock.advance(1_000)
    for (let i = 0; i < ARRIVAL_RULE.perSecond; i += 1) assert.ok(passes('192.168.1.9'))
    assert.ok(!passes('192.168.1.9'))
  })

  it('are counted by subnet where addresses are bought by it', () => {
    const { passes } = setUp()
    for (let i = 0; i < ARRIVAL_RULE.burst; i += 1) assert.ok(passes(`2001:db8:7::${(i + 1).toString(16)}`))
    assert.ok(!passes('2001:db8:7:ffff::1'))
    assert.ok(passes('2001:db8:8::1'))
  })

  it('are fewer from an address whose peers are shut out: a few identities at once, then one in a while', () => {
    const { clock, arrivals, passes } = setUp()
    const shutOut = (host: string): void => arrivals.charge(multiaddr(`/ip4/${host}/tcp/1`))
    let identities = 0
    for (; passes('198.51.100.7'); identities += 1) shutOut('198.51.100.7')
    assert.equal(identities, Math.floor(ARRIVAL_RULE.burst / (DENIAL_COST + 1)) + 1)
    assert.ok(passes('203.0.113.1'), 'of another address')
    // However many are shut out by then, a neighbour of theirs is kept out no longer than for one.
    for (let i = 0; i < 100; i += 1) shutOut('198.51.100.7')
    clock.advance((1_000 * (DENIAL_COST + 1)) / ARRIVAL_RULE.perSecond)
    assert.ok(passes('198.51.100.7'))
  })

  it('are as many as ever from an address of own rigs and friends, whatever others do there', () => {
    const { arrivals, passes } = setUp()
    arrivals.welcome(multiaddr('/ip4/198.51.100.7/tcp/1'))
    for (let i = 0; i < ARRIVAL_RULE.burst; i += 1) {
      arrivals.charge(multiaddr('/ip4/198.51.100.8/tcp/1'))
      assert.ok(passes('198.51.100.7'))
    }
    assert.ok(!passes('198.51.100.7'))
  })

  it('may have some handshakes under way from one address, and more once those are done or gone', () => {
    const { arrivals } = setUp()
    const silent = Array.from({ length: MAX_HALF_OPEN_PER_ADDRESS }, () => arrival('198.51.100.7'))
    for (const connection of silent) assert.ok(!arrivals.denyInboundConnection(connection))
    assert.ok(arrivals.denyInboundConnection(arrival('198.51.100.8')), 'of the same subnet')
    assert.ok(!arrivals.denyInboundConnection(arrival('203.0.113.1')), 'of another')
    silent[0]?.dispatchEvent(new Event('close'))
    assert.ok(!arrivals.denyInboundConnection(arrival('198.51.100.7')))
    assert.ok(arrivals.denyInboundConnection(arrival('198.51.100.7')))
    const [, second = arrival('')] = silent
    arrivals.denyInboundUpgradedConnection(undefined, second)
    second.dispatchEvent(new Event('close'))
    assert.ok(!arrivals.denyInboundConnection(arrival('198.51.100.7')))
    assert.ok(arrivals.denyInboundConnection(arrival('198.51.100.7')), 'one that was upgraded and closed counts once')
  })

  it('through a relay are no arrivals from where the relay is, and it is not charged for them', () => {
    const { arrivals, passes } = setUp()
    const relay = '/ip4/198.51.100.7/tcp/4501/p2p/12D3KooWCvMWDP4TzYiMTLAiEt1awN9KnpEkYZuyEyPdJqWbaQzf'
    const through = multiaddr(`${relay}/p2p-circuit/p2p/12D3KooWEUDURgkzPBQNdfrwbdsVVPRUdvUgYYwJqZM2tSUWZ6a2`)
    const comes = (): boolean => {
      const connection = Object.assign(new EventTarget(), { remoteAddr: through }) as unknown as MultiaddrConnection
      if (arrivals.denyInboundConnection(connection)) return false
      return !arrivals.denyInboundUpgradedConnection(undefined, connection)
    }
    for (let i = 0; i < RELAYED_ARRIVAL_RULE.burst; i += 1) {
      arrivals.charge(through)
      assert.ok(comes())
    }
    assert.ok(!comes(), 'but they have a rule of their own')
    assert.ok(passes('198.51.100.7'), 'a node that is where the relay is')
  })
})
