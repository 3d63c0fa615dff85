import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { type RelayedLibp2p, throughRelays } from '../../../../discovery/reach/through-relays.ts'

const RELAY = '12D3KooWCvMWDP4TzYiMTLAiEt1awN9KnpEkYZuyEyPdJqWbaQzf'
const PEER = '12D3KooWEUDURgkzPBQNdfrwbdsVVPRUdvUgYYwJqZM2tSUWZ6a2'

describe('connections through relays', () => {
  it('are counted by relay while they are open', () => {
    const events = new EventTarget()
    const of = throughRelays(events as unknown as RelayedLibp2p)
    const tell = (kind: 'open' | 'close', address: string): boolean =>
      events.dispatchEvent(
        Object.assign(new Event(`connection:${kind}`), { detail: { remoteAddr: multiaddr(address) } }),
      )
    const relayed = `/ip4/203.0.113.9/tcp/4501/p2p/${RELAY}/p2p-circuit/p2p/${PEER}`
    tell('open', relayed)
    tell('open', relayed)
    tell('open', `/ip4/203.0.113.9/tcp/4501/p2p/${RELAY}`)
    assert.equal(of(RELAY), 2)
    tell('close', relayed)
    tell('close', relayed)
    assert.equal(of(RELAY), 0)
    assert.equal(of(PEER), 0)
  })
})
