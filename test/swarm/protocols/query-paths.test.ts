/** Queries to a peer to which a relay leads first, and then a direct connection; all of libp2p is real. */
import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { Libp2pLinks } from '../../../discovery/links/libp2p-links.ts'
import { RelayBudget } from '../../../discovery/reach/relay-budget.ts'
import { createLibp2pNode, type Libp2pNode } from '../../../node/compose/libp2p/libp2p-node.ts'
import type { SeatedTransport } from '../../../node/compose/libp2p/reach/relaying.ts'
import { QueryClient } from '../../../protocols/query/asking/client.ts'
import { QueryServer } from '../../../protocols/query/serving/server.ts'
import { admits } from '../../support/admits.ts'
import { collect } from '../../support/collect.ts'
import { eventually } from '../../support/daemon.ts'
import { LOAD } from '../../support/libp2p-query-pair.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { chatQuery } from '../../support/query.ts'

const END: QueryEvent = { kind: 'end', finishReason: 'stop' }

describe('a peer behind a relay', () => {
  const nodes: Libp2pNode[] = []
  let client: QueryClient
  let server: QueryServer
  let guest: Libp2pNode
  let asker: Libp2pNode
  let release: () => void
  let relayId: string
  /** Whether guest and asker may dial each other: the DHT, which hears of both at the relay, would do so by itself. */
  let direct: boolean

  async function node(onRelayTransport: (transport: SeatedTransport) => void = () => {}): Promise<Libp2pNode> {
    const budget = new RelayBudget({ clock: new ManualClock(), relation: () => 'home' }, { mbPerDay: 100 })
    const libp2p = await createLibp2pNode({
      privateKey: await generateKeyPair('Ed25519'),
      network: 'test',
      listen: ['/ip4/127.0.0.1/tcp/0'],
      mdns: false,
      version: '0.0.0',
      allowedTopics: [],
      connectionGater: { denyDialMultiaddr: (address) => !direct && !address.toString().includes(relayId) },
      relay: { budget, seats: 2 },
      onRelayTransport,
    })
    await libp2p.start()
    nodes.push(libp2p)
    return libp2p
  }

  beforeEach(async () => {
    const held = Promise.withResolvers<void>()
    release = held.resolve
    let transport: SeatedTransport | undefined
    direct = false
    const relay = await node()
    relayId = relay.peerId.toString()
    guest = await node((created) => {
      transport = created
    })
    asker = await node()
    await guest.dial(relay.getMultiaddrs())
    await transport?.reservationStore.addRelay(relay.peerId, 'configured')
    await asker.dial(multiaddr(`${relay.getMultiaddrs()[0]}/p2p-circuit/p2p/${guest.peerId}`))
    server = new QueryServer(
      {
        links: new Libp2pLinks({ libp2p: guest }),
        load: () => LOAD,
        admit: admits(async function* ({ id }) {
          yield { kind: 'text', text: 'a' }
          if (id === 'held') await held.promise
          yield { kind: 'text', text: 'b' }
          yield END
        }),
      },
      { network: 'test' },
    )
    await server.start()
    client = new QueryClient({ links: new Libp2pLinks({ libp2p: asker }), onLoad: () => {} }, { network: 'test' })
    await client.start()
  })

  afterEach(async () => {
    await client.stop()
    await server.stop()
    await Promise.all(nodes.splice(0).map((one) => one.stop()))
  })

  async function dialDirectly(): Promise<void> {
    direct = true
    const addresses = guest.getMultiaddrs().filter((address) => !address.toString().includes('p2p-circuit'))
    await asker.dial(addresses)
    direct = false
  }

  /** The events of one query, and by which way it went. */
  function ask(id: string) {
    const ways: string[] = []
    const { signal } = new AbortController()
    const events = client.run(guest.peerId.toString())(chatQuery({ id }), {
      signal,
      onPath: ({ kind, relay }) => ways.push(`${kind} ${relay ?? ''}`.trim()),
    })
    return { events: events[Symbol.asyncIterator](), ways }
  }

  it('is asked over it at once, and directly as soon as it can be; what is under way stays and comes whole', async () => {
    const held = ask('held')
    assert.equal((await held.events.next()).value?.kind, 'text')
    const rested = ask('rested')
    await collect({ [Symbol.asyncIterator]: () => rested.events })
    assert.deepEqual([held.ways, rested.ways], [[`relayed ${relayId}`], [`relayed ${relayId}`]])
    await dialDirectly()
    const later = ask('later')
    await collect({ [Symbol.asyncIterator]: () => later.events })
    assert.deepEqual(later.ways, ['loopback'])
    release()
    const rest = await collect({ [Symbol.asyncIterator]: () => held.events })
    assert.deepEqual(rest.at(-1), END)
    await eventually('only the direct lane is left', () => server.stats().lanes === 1)
  })

  it('is asked over it again when the direct connection is gone', async () => {
    await dialDirectly()
    const first = ask('first')
    await collect({ [Symbol.asyncIterator]: () => first.events })
    for (const connection of asker.getConnections(guest.peerId)) {
      if (connection.direct) connection.abort(new Error('the line is cut'))
    }
    const relayed = ask('relayed')
    await collect({ [Symbol.asyncIterator]: () => relayed.events })
    assert.deepEqual([first.ways, relayed.ways], [['loopback'], [`relayed ${relayId}`]])
  })
})
