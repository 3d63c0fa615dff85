import assert from 'node:assert/strict'
import type { MultiaddrConnection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { ARRIVAL_RULE, Arrivals, MAX_HALF_OPEN_PER_ADDRESS } from '../../../../discovery/guard/arrivals.ts'
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
})
