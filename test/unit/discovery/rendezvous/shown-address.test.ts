import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { isShown } from '../../../../discovery/rendezvous/shown-address.ts'

const RELAY = '/p2p/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8/p2p-circuit'

describe('a shown address', () => {
  it('leads to a public host, or through one', () => {
    for (const text of ['/ip4/8.8.8.8/tcp/4501', '/ip6/2a00::1/tcp/4501', `/ip4/8.8.8.8/tcp/4501${RELAY}`]) {
      assert.equal(isShown(multiaddr(text)), true, text)
    }
  })

  it('is no address of a home, of this machine, and no name', () => {
    const hidden = ['/ip4/192.168.1.2/tcp/1', '/ip4/127.0.0.1/tcp/1', '/ip4/100.64.0.1/tcp/1', '/ip6/fe80::1/tcp/1']
    for (const text of [...hidden, '/dns4/example.org/tcp/1', `/ip4/10.0.0.1/tcp/1${RELAY}`]) {
      assert.equal(isShown(multiaddr(text)), false, text)
    }
  })
})
