import assert from 'node:assert/strict'
import type { PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { type AddressBook, knownAddresses, withoutPeer } from '../../../../discovery/contact/known-addresses.ts'
import { MAX_ADDRESSES_PER_PEER } from '../../../../discovery/contact/peer-dialer.ts'
import { newPeerId } from '../../../support/fake-libp2p.ts'

function address(host: number): string {
  return `/ip4/192.0.2.${host}/tcp/4501`
}

function book(said: readonly string[] | Error, dialled: readonly (readonly [string, 'inbound' | 'outbound'])[] = []) {
  return {
    peerStore: {
      get: async () => {
        if (said instanceof Error) throw said
        return { addresses: said.map((text) => ({ multiaddr: multiaddr(text) })) }
      },
    },
    getConnections: () => dialled.map(([text, direction]) => ({ remoteAddr: multiaddr(text), direction })),
  } satisfies AddressBook
}

describe('known addresses', () => {
  let peer: PeerId
  before(async () => {
    peer = await newPeerId()
  })

  it('begin with the one that was dialled, and name each once, with or without the peer at its end', async () => {
    const dialled = `${address(2)}/p2p/${peer.toString()}`
    const known = await knownAddresses(book([address(1), address(2)], [[dialled, 'outbound']]), peer)
    assert.deepEqual(known, [address(2), address(1)])
  })

  it('do not name the port from which a peer happened to come', async () => {
    const known = await knownAddresses(book([address(1)], [['/ip4/192.0.2.9/tcp/51234', 'inbound']]), peer)
    assert.deepEqual(known, [address(1)])
  })

  it('are those that were dialled when the peer store has forgotten the peer', async () => {
    const known = await knownAddresses(book(new Error('not found'), [[address(3), 'outbound']]), peer)
    assert.deepEqual(known, [address(3)])
  })

  it('are bounded', async () => {
    const many = Array.from({ length: 50 }, (_, host) => address(host))
    assert.equal((await knownAddresses(book(many), peer)).length, MAX_ADDRESSES_PER_PEER)
  })

  it('are compared without the peer at their end', () => {
    assert.equal(withoutPeer(`${address(1)}/p2p/abc`), address(1))
    assert.equal(withoutPeer(`/p2p/relay/p2p-circuit/p2p/abc`), '/p2p/relay/p2p-circuit')
  })
})
