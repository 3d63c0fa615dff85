import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { isPublic, mayDial, type OwnPlace } from '../../../../discovery/addresses/may-dial.ts'

function at(...hosts: string[]): OwnPlace {
  return { addresses: hosts.map(tcp), networks: [] }
}

function tcp(host: string) {
  return multiaddr(host.startsWith('/') ? host : `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/4501`)
}

const ANYWHERE = at('127.0.0.1', '192.168.1.7', '172.17.0.1', '203.0.113.9', '::1', 'fd12:3456:789a:1::7')
const TAILSCALE = at('127.0.0.1', '192.168.1.7', '100.101.2.3', 'fd7a:115c:a1e0::1')
const LOOPBACK_ONLY = at('127.0.0.1')
const NOWHERE = at()

type Row = readonly [address: string, from: OwnPlace, dialled: boolean]

/** Heard of, from a stranger. */
const HEARD: Readonly<Record<string, readonly Row[]>> = {
  'a public address, from wherever': [
    ['198.51.100.1', ANYWHERE, true],
    ['198.51.100.1', NOWHERE, true],
    ['2001:db8::1', LOOPBACK_ONLY, true],
    ['11.0.0.1', ANYWHERE, true],
    ['172.32.0.1', ANYWHERE, true],
    ['::ffff:198.51.100.1', ANYWHERE, true],
  ],
  'a private address in our own subnet only': [
    ['192.168.1.200', ANYWHERE, true],
    ['192.168.2.1', ANYWHERE, false],
    ['172.17.0.5', ANYWHERE, true],
    ['172.18.0.5', ANYWHERE, false],
    ['10.0.0.1', ANYWHERE, false],
    ['192.168.1.200', LOOPBACK_ONLY, false],
    ['192.168.1.200', NOWHERE, false],
    ['::ffff:192.168.1.200', ANYWHERE, true],
    ['::ffff:10.0.0.1', ANYWHERE, false],
    ['fd12:3456:789a:2::9', ANYWHERE, true],
    ['fd12:3456:789b:1::9', ANYWHERE, false],
  ],
  'a mesh net as a whole, from within': [
    ['100.64.9.9', TAILSCALE, true],
    ['100.64.9.9', ANYWHERE, false],
    ['fd7a:115c:a1e0:ab12::5', TAILSCALE, true],
    ['fd7a:115c:a1e0:ab12::5', ANYWHERE, false],
  ],
  'loopback only where all we have is that very address': [
    ['127.0.0.1', LOOPBACK_ONLY, true],
    ['127.0.0.2', LOOPBACK_ONLY, false],
    ['127.0.0.1', ANYWHERE, false],
    ['127.0.0.1', NOWHERE, false],
    ['::1', at('::1'), true],
    ['::1', LOOPBACK_ONLY, false],
    ['::1', ANYWHERE, false],
    ['::ffff:127.0.0.1', ANYWHERE, false],
  ],
  'nothing that leads nowhere or to this machine by a back door': [
    ['169.254.169.254', at('169.254.169.1'), false],
    ['fe80::1', at('fe80::2'), false],
    ['/ip6zone/eth0/ip6/fe80::1/tcp/22', at('fe80::2'), false],
    ['0.0.0.0', LOOPBACK_ONLY, false],
    ['::', LOOPBACK_ONLY, false],
    ['224.0.0.251', ANYWHERE, false],
    ['255.255.255.255', ANYWHERE, false],
    ['ff02::1', ANYWHERE, false],
    ['64:ff9b::7f00:1', ANYWHERE, false],
    ['2002:7f00:1::', ANYWHERE, false],
  ],
  'no name, which can be made to point anywhere': [
    ['/dns4/router.lan/tcp/80', ANYWHERE, false],
    ['/dns/example.org/tcp/4501', ANYWHERE, false],
    ['/unix/%2Ftmp%2Fsocket', ANYWHERE, false],
  ],
}

describe('mayDial', () => {
  for (const [what, rows] of Object.entries(HEARD)) {
    it(`lets what was heard reach ${what}`, () => {
      for (const [address, own, dialled] of rows) {
        const from = own.addresses.map(String).join(' ')
        assert.equal(mayDial(tcp(address), 'heard', own), dialled, `${address} from ${from}`)
      }
    })
  }

  it('lets what was told go anywhere', () => {
    const addresses = Object.values(HEARD).flatMap((rows) => rows.map(([address]) => address))
    for (const address of addresses) assert.ok(mayDial(tcp(address), 'told', NOWHERE), address)
  })

  it('judges an address that is reached through another by the other', () => {
    const relayed = (host: string) => multiaddr(`/ip4/${host}/tcp/4501/p2p-circuit`)
    assert.ok(mayDial(relayed('198.51.100.1'), 'heard', ANYWHERE))
    assert.ok(!mayDial(relayed('10.0.0.1'), 'heard', ANYWHERE))
  })

  it('opens the networks that the owner named, and no others', () => {
    const own = { ...NOWHERE, networks: ['10.8.0.0/16', 'fd00:8::/32'] }
    const dialled = (host: string): boolean => mayDial(tcp(host), 'heard', own)
    assert.deepEqual(['10.8.200.1', 'fd00:8:1::1'].map(dialled), [true, true])
    assert.deepEqual(['10.9.0.1', 'fd00:9::1', '192.168.1.1', '127.0.0.1'].map(dialled), [false, false, false, false])
  })
})

describe('isPublic', () => {
  it('tells the internet from what is behind a router', () => {
    assert.deepEqual(['198.51.100.1', '2001:db8::1', '::ffff:198.51.100.1'].map(isPublic), [true, true, true])
    assert.deepEqual(['10.0.0.1', '100.64.0.1', '127.0.0.1', '::1', 'fd00::1', '::ffff:192.168.0.1'].map(isPublic), [
      false,
      false,
      false,
      false,
      false,
      false,
    ])
  })
})
