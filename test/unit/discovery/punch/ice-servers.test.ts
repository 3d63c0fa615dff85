import assert from 'node:assert/strict'
import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { iceServers } from '../../../../discovery/punch/ice-servers.ts'

type Asked = Pick<Connection, 'direction' | 'remoteAddr' | 'remotePeer'>

function connection(peer: string, address: string, direction: Asked['direction'] = 'outbound'): Asked {
  return { direction, remoteAddr: multiaddr(address), remotePeer: { toString: () => peer } as Asked['remotePeer'] }
}

const RELAY = '12D3KooWJSoSwFuyuqV7Du1EikC7PoCchQMZh4qkiTywAtgpWaNH'
const stunOf = (peer: string): number | undefined => (peer.startsWith('stun') ? 4_501 : undefined)
const urls = (connections: readonly Asked[], named: readonly string[] = []): readonly string[] =>
  iceServers({ connections, stunOf, named }).flatMap(({ urls }) => urls)

describe('servers that tell a node where it is seen', () => {
  it('are none unless the network has some, or the owner names them: nobody else is asked', () => {
    assert.deepEqual(urls([]), [])
    assert.deepEqual(urls([], ['stun:stun.example.org:3478']), ['stun:stun.example.org:3478'])
  })

  it('are nodes that this one has dialled and that say so on their cards, the two nearest the internet', () => {
    const connections = [
      connection('plain', '/ip4/198.51.100.1/tcp/4501'),
      connection('stun lan', '/ip4/192.168.1.4/tcp/4501'),
      connection('stun a', '/ip4/198.51.100.2/tcp/4501'),
      connection('stun a', '/ip4/198.51.100.2/tcp/4501'),
      connection('stun b', '/ip6/2001:db8::2/tcp/4501'),
      connection('stun c', '/ip4/198.51.100.3/tcp/4501'),
    ]
    assert.deepEqual(urls(connections), ['stun:198.51.100.2:4501', 'stun:[2001:db8::2]:4501'])
    assert.deepEqual(urls(connections.slice(0, 3)), ['stun:198.51.100.2:4501', 'stun:192.168.1.4:4501'])
  })

  it('are asked by their name where they were dialled by it', () => {
    assert.deepEqual(urls([connection('stun a', '/dns4/node.example/tcp/4501')]), ['stun:node.example:4501'])
  })

  it('are none of those that came by themselves, over a relay or through a router: they may not be reached', () => {
    const connections = [
      connection('stun a', '/ip4/198.51.100.2/tcp/50123', 'inbound'),
      connection('stun b', `/ip4/198.51.100.3/tcp/4501/p2p/${RELAY}/p2p-circuit`),
      connection('stun c', '/ip4/198.51.100.4/udp/9/webrtc'),
    ]
    assert.deepEqual(urls(connections), [])
  })
})
