import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { stunPlaces } from '../../../../protocols/stun/stun-places.ts'

describe('where STUN requests are answered', () => {
  it('is where the node listens by TCP, at the same port', () => {
    const listen = ['/ip4/0.0.0.0/tcp/4501', '/ip6/::/tcp/4502', '/ip4/0.0.0.0/tcp/4503/ws']
    const hosts = stunPlaces(listen, []).map(({ host, port }) => `${host} ${port}`)
    assert.deepEqual(hosts, ['0.0.0.0 4501', ':: 4502', '0.0.0.0 4503'])
  })

  it('is at the port that it got, where it asked for any', () => {
    const bound = ['/ip6/::1/tcp/9', '/ip4/127.0.0.1/tcp/4711/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5']
    assert.deepEqual(
      stunPlaces(
        ['/ip4/127.0.0.1/tcp/0'],
        bound.map((address) => multiaddr(address)),
      ),
      [{ host: '127.0.0.1', port: 4711 }],
    )
  })

  it('is nowhere for a node that listens on relays, on names or on nothing', () => {
    assert.deepEqual(stunPlaces(['/p2p-circuit', '/webrtc', '/dns4/a.example/tcp/1', '/ip4/127.0.0.1/tcp/0'], []), [])
  })
})
