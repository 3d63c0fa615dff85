import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { subnetOf } from '../../../../discovery/addresses/subnet.ts'

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
]

describe('subnetOf', () => {
  for (const [address, subnet] of ROWS) {
    it(`finds ${subnet ?? 'none'} for ${address}`, () => {
      assert.equal(subnetOf(multiaddr(address)), subnet)
    })
  }
})
