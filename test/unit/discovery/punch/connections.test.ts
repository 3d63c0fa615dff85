import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import {
  dialableOf,
  isCarried,
  isOurTurn,
  onlyCarried,
  type PunchedConnection,
  punchedAddress,
} from '../../../../discovery/punch/connections.ts'

const RELAY = '12D3KooWJSoSwFuyuqV7Du1EikC7PoCchQMZh4qkiTywAtgpWaNH'
const PEER = '12D3KooWHpk8LbQpzQaC5mitaxLs3nN2h87vzSqtmbGsW81VDDk5'
const CIRCUIT = `/ip4/203.0.113.9/tcp/4501/p2p/${RELAY}/p2p-circuit`

function connection(address: string, rest: Partial<PunchedConnection> = {}): PunchedConnection {
  return { remoteAddr: multiaddr(address), direction: 'outbound', status: 'open', ...rest }
}

describe('connections to a peer', () => {
  it('are carried by a relay, or not: a punched one may name the relay that helped', () => {
    const carried = [`${CIRCUIT}/p2p/${PEER}`, `${CIRCUIT}/webrtc/p2p/${PEER}`, `/ip4/1.2.3.4/udp/9/webrtc/p2p/${PEER}`]
    assert.deepEqual(
      [...carried, `/webrtc/p2p/${PEER}`, `/ip4/203.0.113.9/tcp/4501/p2p/${PEER}`].map((address) =>
        isCarried(connection(address)),
      ),
      [true, false, false, false, false],
    )
  })

  it('are to be made direct when all that are open are carried', () => {
    const relayed = connection(`${CIRCUIT}/p2p/${PEER}`)
    const direct = connection(`/ip4/203.0.113.7/tcp/4501/p2p/${PEER}`)
    assert.deepEqual(onlyCarried([relayed]), [relayed])
    assert.deepEqual(onlyCarried([relayed, direct]), [])
    assert.deepEqual(onlyCarried([relayed, { ...direct, status: 'closed' }]), [relayed])
    assert.deepEqual(onlyCarried([]), [])
  })

  it('are made direct by the node that dialled; where both did, by the lower id', () => {
    const out = connection(`${CIRCUIT}/p2p/${PEER}`)
    const into = connection(`${CIRCUIT}/p2p/${PEER}`, { direction: 'inbound' })
    assert.equal(isOurTurn([out], 'b', 'a'), true)
    assert.equal(isOurTurn([into], 'a', 'b'), false)
    assert.deepEqual([isOurTurn([into, out], 'a', 'b'), isOurTurn([into, out], 'b', 'a')], [true, false])
    assert.equal(isOurTurn([], 'a', 'b'), false)
  })

  it('become direct through the relay that carries them', () => {
    assert.equal(punchedAddress(connection(`${CIRCUIT}/p2p/${PEER}`), PEER).toString(), `${CIRCUIT}/webrtc/p2p/${PEER}`)
  })

  it('are dialled first where the peer names a public address of its own', () => {
    const public4 = '/ip4/198.51.100.7/tcp/4501'
    const others = [
      `${CIRCUIT}/p2p/${PEER}`,
      '/ip4/192.168.1.5/tcp/4501',
      '/dns4/a.example/tcp/1',
      '/ip4/8.8.8.8/udp/1',
    ]
    assert.deepEqual(dialableOf([...others, public4].map((address) => multiaddr(address))).map(String), [public4])
  })
})
