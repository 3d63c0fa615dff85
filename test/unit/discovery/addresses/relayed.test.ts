import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { isRelayed, relayOf } from '../../../../discovery/addresses/relayed.ts'

const RELAY = '12D3KooWCvMWDP4TzYiMTLAiEt1awN9KnpEkYZuyEyPdJqWbaQzf'
const PEER = '12D3KooWEUDURgkzPBQNdfrwbdsVVPRUdvUgYYwJqZM2tSUWZ6a2'

describe('addresses through relays', () => {
  it('name the relay, which is not the peer', () => {
    const through = `/ip4/203.0.113.9/tcp/4501/p2p/${RELAY}/p2p-circuit`
    assert.equal(relayOf(multiaddr(through)), RELAY)
    assert.equal(relayOf(multiaddr(`${through}/p2p/${PEER}`)), RELAY)
    assert.equal(relayOf(multiaddr(`${through}/webrtc/p2p/${PEER}`)), RELAY)
    assert.equal(relayOf(multiaddr(`/p2p-circuit/p2p/${PEER}`)), '')
  })

  it('are told from others', () => {
    assert.ok(isRelayed(multiaddr('/p2p-circuit')))
    assert.ok(!isRelayed(multiaddr(`/ip4/203.0.113.9/tcp/4501/p2p/${RELAY}`)))
  })
})
