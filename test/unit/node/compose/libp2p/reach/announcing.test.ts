import assert from 'node:assert/strict'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { announcing } from '../../../../../../node/compose/libp2p/reach/announcing.ts'

const at = (text: string): Multiaddr => multiaddr(text)
const [SEAT, OTHER_SEAT, CONFIRMED] = [
  at('/ip4/203.0.113.9/tcp/4501/p2p/12D3KooWCvMWDP4TzYiMTLAiEt1awN9KnpEkYZuyEyPdJqWbaQzf/p2p-circuit'),
  at('/ip4/203.0.113.8/tcp/4501/p2p/12D3KooWEUDURgkzPBQNdfrwbdsVVPRUdvUgYYwJqZM2tSUWZ6a2/p2p-circuit'),
  at('/ip4/198.51.100.7/tcp/4501'),
]

/** libp2p's address manager, as far as it is used. */
function setUp() {
  const told: string[] = []
  const addresses = [
    { multiaddr: at('/ip4/192.168.1.7/tcp/4501'), type: 'transport' },
    { multiaddr: at('/ip4/198.51.100.7/tcp/9'), type: 'ip-mapping' },
    { multiaddr: at('/ip4/198.51.100.7/tcp/50123'), type: 'observed' },
  ]
  const addressManager = {
    getAddressesWithMetadata: () => addresses,
    confirmObservedAddr: (address: Multiaddr) => {
      told.push(`+ ${address.toString()}`)
    },
    removeObservedAddr: (address: Multiaddr) => {
      told.push(`- ${address.toString()}`)
    },
  }
  return { told, announce: announcing({ addressManager }) }
}

describe('what libp2p is told of addresses', () => {
  it('are those that came and those that went, each once', () => {
    const { told, announce } = setUp()
    announce.changed([], [SEAT])
    announce.changed([SEAT], [SEAT, CONFIRMED])
    announce.changed([SEAT, CONFIRMED], [OTHER_SEAT, CONFIRMED])
    assert.deepEqual(told, [
      `+ ${SEAT.toString()}`,
      `+ ${CONFIRMED.toString()}`,
      `+ ${OTHER_SEAT.toString()}`,
      `- ${SEAT.toString()}`,
    ])
  })

  it('is asked of it without those that peers only said they saw', () => {
    const { announce } = setUp()
    assert.deepEqual(announce.own().map(String), ['/ip4/192.168.1.7/tcp/4501', '/ip4/198.51.100.7/tcp/9'])
  })
})
