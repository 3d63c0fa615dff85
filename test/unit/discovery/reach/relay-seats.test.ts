import assert from 'node:assert/strict'
import type { PeerId, Topology } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../../../core/logger.ts'
import { RelaySeats, seatAddresses } from '../../../../discovery/reach/relay-seats.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const RELAYS = [
  '12D3KooWCvMWDP4TzYiMTLAiEt1awN9KnpEkYZuyEyPdJqWbaQzf',
  '12D3KooWEUDURgkzPBQNdfrwbdsVVPRUdvUgYYwJqZM2tSUWZ6a2',
  '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo',
].map((id) => peerIdFromString(id))

/** What is told to a listener of the store. */
type Removed = CustomEvent<{ readonly relay: PeerId }>

async function setUp() {
  const clock = new ManualClock()
  const state = { wanted: true, refuses: new Set<string>(), asked: [] as string[], changes: 0, cancelled: 0 }
  const directions = new Map<string, 'inbound' | 'outbound'>()
  let topology: Topology = {}
  const removed = new Set<(event: Removed) => void>()
  const store = {
    addRelay: async (relay: PeerId) => {
      state.asked.push(relay.toString())
      if (state.refuses.has(relay.toString())) throw new Error('it is full')
      return { details: { reservation: { addrs: [] } } }
    },
    cancelReservations: () => {
      state.cancelled += 1
    },
    addEventListener: (_kind: string, listener: (event: Removed) => void) => removed.add(listener),
    removeEventListener: (_kind: string, listener: (event: Removed) => void) => removed.delete(listener),
  }
  const libp2p = {
    register: async (_protocol: string, given: Topology) => {
      topology = given
      return 'registration'
    },
    unregister: () => {},
    getConnections: (peer: PeerId) => {
      const direction = directions.get(peer.toString())
      return direction === undefined
        ? []
        : [{ direct: true, direction, remoteAddr: multiaddr('/ip4/203.0.113.9/tcp/4501') }]
    },
  }
  const seats = new RelaySeats(
    {
      libp2p,
      store,
      clock,
      log: silentLogger,
      wanted: () => state.wanted,
      isOwn: () => false,
      onChange: () => {
        state.changes += 1
      },
    },
    { protocol: '/hop', rng: () => 0 },
  )
  await seats.start()
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    clock,
    state,
    seats,
    settle,
    meet: async (relay: PeerId | undefined, direction: 'inbound' | 'outbound' = 'outbound') => {
      assert.ok(relay !== undefined)
      directions.set(relay.toString(), direction)
      topology.onConnect?.(relay, undefined as never)
      await settle()
    },
    lose: async (relay: PeerId | undefined) => {
      assert.ok(relay !== undefined)
      directions.delete(relay.toString())
      topology.onDisconnect?.(relay)
      for (const listener of removed) listener(new CustomEvent('relay:removed', { detail: { relay } }))
      await settle()
    },
  }
}

describe('seats at relays', () => {
  const [first, second, third] = RELAYS

  it('are two, at relays that this node has dialled itself', async () => {
    const { seats, meet } = await setUp()
    await meet(first, 'inbound')
    assert.deepEqual(seats.relays, [])
    await meet(second)
    await meet(third)
    await meet(first)
    assert.deepEqual(seats.relays, [String(second), String(third)])
    assert.deepEqual(seats.addresses.map(String), [
      `/ip4/203.0.113.9/tcp/4501/p2p/${second}/p2p-circuit`,
      `/ip4/203.0.113.9/tcp/4501/p2p/${third}/p2p-circuit`,
    ])
  })

  it('are taken elsewhere at once when one is lost', async () => {
    const { seats, state, meet, lose } = await setUp()
    for (const relay of RELAYS) await meet(relay)
    await lose(first)
    assert.deepEqual(seats.relays, [String(second), String(third)])
    const { changes } = state
    await lose(second)
    assert.deepEqual(seats.relays, [String(third)])
    assert.ok(state.changes > changes)
  })

  it('are asked for again, later, where they were refused; until then all there are is settled', async () => {
    const { seats, state, clock, meet, settle } = await setUp()
    state.refuses.add(String(first))
    await meet(first)
    assert.deepEqual([seats.relays.length, seats.settled], [0, true])
    state.refuses.clear()
    clock.advance(60_000)
    await settle()
    assert.deepEqual(seats.relays, [String(first)])
    assert.deepEqual(state.asked, [String(first), String(first)])
  })

  it('are given up when others can dial this node, and taken when they can no more', async () => {
    const { seats, state, meet, settle } = await setUp()
    state.wanted = false
    await meet(first)
    assert.deepEqual(state.asked, [])
    state.wanted = true
    seats.fill()
    await settle()
    assert.equal(seats.relays.length, 1)
    state.wanted = false
    seats.giveUp()
    assert.deepEqual([seats.relays.length, state.cancelled], [0, 1])
  })

  it('are given up when they come too late', async () => {
    const { seats, state, meet } = await setUp()
    const met = meet(first)
    state.wanted = false
    await met
    assert.deepEqual([seats.relays.length, state.cancelled], [0, 1])
  })

  it('have the address at which the relay was dialled, and one more of the same reach', () => {
    const at = multiaddr('/ip4/203.0.113.9/tcp/4501')
    const told = ['/ip4/10.0.0.3/tcp/4501', '/ip6/2001:db8::9/tcp/4501', '/ip4/198.51.100.1/tcp/1'].map(
      (text) => multiaddr(text).bytes,
    )
    assert.ok(first !== undefined)
    assert.deepEqual(seatAddresses(first, at, told).map(String), [
      `/ip4/203.0.113.9/tcp/4501/p2p/${first}/p2p-circuit`,
      `/ip6/2001:db8::9/tcp/4501/p2p/${first}/p2p-circuit`,
    ])
  })
})
