import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import {
  MAX_STRANGERS_PER_RELAY,
  MAX_STRANGERS_PER_SUBNET,
  maxStrangersOf,
  subnetOf,
} from '../../../../discovery/addresses/subnet.ts'

const RELAY = '12D3KooWCvMWDP4TzYiMTLAiEt1awN9KnpEkYZuyEyPdJqWbaQzf'

const ROWS: readonly (readonly [address: string, subnet: string | undefined])[] = [
  ['/ip4/198.51.100.7/tcp/4501', '198.51.100.0/24'],
  ['/ip4/198.51.101.7/tcp/4501', '198.51.101.0/24'],
  ['/ip6/::ffff:198.51.100.9/tcp/4501', '198.51.100.0/24'],
  ['/ip6/2001:db8:7:1::1/tcp/4501', '2001:db8:7::/48'],
  ['/ip6/2001:db8:7:2:3:4:5:6/tcp/4501', '2001:db8:7::/48'],
  ['/ip6/2001:db8::1/tcp/4501', '2001:db8:0::/48'],
  ['/ip6/2001::1:2:3:4:5:6/tcp/4501', '2001:0:1::/48'],
  ['/ip4/192.168.1.7/tcp/4501', undefined],
  ['/ip4/127.0.0.1/tcp/4501', undefined],
  ['/ip6/::1/tcp/4501', undefined],
  ['/ip6/fd00::1/tcp/4501', undefined],
  ['/dns4/node.example.org/tcp/4501', undefined],
  [`/ip4/198.51.100.7/tcp/4501/p2p/${RELAY}/p2p-circuit`, `relay/${RELAY}`],
  [`/ip4/192.168.1.7/tcp/4501/p2p/${RELAY}/p2p-circuit`, `relay/${RELAY}`],
]

describe('subnetOf', () => {
  for (const [address, subnet] of ROWS) {
    it(`finds ${subnet ?? 'none'} for ${address}`, () => {
      assert.equal(subnetOf(multiaddr(address)), subnet)
    })
  }

  it('takes those behind a relay for no neighbours of each other: more of them are kept in mind', () => {
    assert.equal(maxStrangersOf('198.51.100.0/24'), MAX_STRANGERS_PER_SUBNET)
    assert.equal(maxStrangersOf(`relay/${RELAY}`), MAX_STRANGERS_PER_RELAY)
    assert.ok(MAX_STRANGERS_PER_RELAY > MAX_STRANGERS_PER_SUBNET)
  })
})
