import assert from 'node:assert/strict'
import type { PeerId } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../../../core/logger.ts'
import { GRACE_MS, OwnReach } from '../../../../discovery/reach/own-reach.ts'
import type { ReachAnswer } from '../../../../protocols/reach/ask.ts'
import { reachProtocol } from '../../../../protocols/reach/constants.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { PeersMet, settled } from '../../../support/peers-met.ts'

const HOP = '/hop'
const ASK = reachProtocol('test')
const SELF = '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo'
const SEEN = '203.0.113.9'
const COULD_NOT: ReachAnswer = { seen: SEEN, tried: true, port: undefined }
const LISTENS = ['/ip4/192.168.1.7/tcp/4501', '/ip4/127.0.0.1/tcp/4501']
const [FAR, FARTHER, LAN, HERE] = [
  '/ip4/198.51.100.7/tcp/1',
  '/ip4/198.51.101.7/tcp/1',
  '/ip4/192.168.1.9/tcp/1',
  '/ip4/127.0.0.1/tcp/1',
]

async function setUp(listens: readonly string[] = LISTENS) {
  const clock = new ManualClock()
  const libp2p = new PeersMet()
  const state = {
    own: listens.map((text) => multiaddr(text)) as readonly Multiaddr[],
    answer: COULD_NOT,
    ports: [] as (readonly number[])[],
    changes: [] as { readonly before: readonly string[]; readonly now: readonly string[] }[],
    cancelled: 0,
  }
  const store = Object.assign(new EventTarget(), {
    addRelay: async (_relay: PeerId) => ({ details: { reservation: { addrs: [] } } }),
    cancelReservations: () => {
      state.cancelled += 1
    },
  })
  const reach = new OwnReach(
    {
      libp2p,
      seats: store as never,
      clock,
      log: silentLogger,
      ask: async (_connection, ports) => {
        state.ports.push(ports)
        return state.answer
      },
      isTrusted: (peer) => libp2p.nameOf(peer).startsWith('friend'),
      isOwn: () => false,
      own: () => state.own,
      onChange: (before, now) => state.changes.push({ before: before.map(String), now: now.map(String) }),
      interfaces: () => ({}),
    },
    { network: 'test', self: SELF, relayProtocol: HOP, rng: () => 0.5 },
  )
  await reach.start()
  /** One that is dialled, relays, and can be asked. */
  const meet = async (name: string, at: string): Promise<void> => {
    await libp2p.connect(name, { at })
    for (const protocol of [HOP, ASK]) libp2p.identify(name, protocol)
    await settled()
  }
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await settled()
  }
  const seatAt = (name: string, at: string): string => `${at}/p2p/${libp2p.idOf(name).toString()}/p2p-circuit`
  return { clock, libp2p, state, reach, meet, pass, seatAt }
}

describe('how this node is reached', () => {
  it('is not known before it meets a peer', async () => {
    const { reach } = await setUp()
    assert.deepEqual(reach.report, { dialable: 'unknown', relays: [] })
    assert.equal(reach.settled, false)
  })

  it('is by dialling, where a peer came by itself: it takes no seat', async () => {
    const { reach, libp2p, meet, pass } = await setUp()
    await meet('door', FAR)
    await libp2p.connect('guest', { at: FARTHER, direction: 'inbound' })
    await pass(GRACE_MS)
    assert.deepEqual(reach.report, { dialable: 'yes', zone: 'public', relays: [] })
    assert.equal(reach.settled, true)
  })

  it('is through relays as soon as one peer could not dial it', async () => {
    const { reach, meet, state, libp2p, seatAt } = await setUp()
    await meet('door', FAR)
    assert.deepEqual(state.ports, [[4501]])
    await settled()
    assert.deepEqual(reach.report, { dialable: 'no', zone: 'public', relays: [libp2p.idOf('door').toString()] })
    assert.deepEqual(reach.through().map(String), [seatAt('door', FAR)])
    assert.deepEqual(state.changes.at(-1), { before: [], now: [seatAt('door', FAR)] })
  })

  it('is through relays after the grace where nobody says anything, and by dialling once a peer came', async () => {
    const { reach, meet, pass, state, libp2p, seatAt } = await setUp()
    state.answer = { seen: SEEN, tried: false, port: undefined }
    await meet('door', FAR)
    assert.deepEqual([reach.report.relays.length, reach.settled], [0, false])
    await pass(GRACE_MS)
    assert.deepEqual([reach.report.dialable, reach.report.relays.length, reach.settled], ['unknown', 1, true])
    await libp2p.connect('guest', { at: FARTHER, direction: 'inbound' })
    assert.deepEqual([reach.report.dialable, reach.report.relays.length, state.cancelled], ['yes', 0, 1])
    assert.deepEqual(state.changes.at(-1), { before: [seatAt('door', FAR)], now: [] })
  })

  it('is another question in the local network: what came from there proves nothing of the internet', async () => {
    const { reach, libp2p, meet } = await setUp()
    await libp2p.connect('neighbour', { at: LAN, direction: 'inbound' })
    assert.deepEqual([reach.report.dialable, reach.report.zone], ['yes', 'private'])
    await meet('door', FAR)
    await settled()
    assert.deepEqual([reach.report.dialable, reach.report.zone, reach.report.relays.length], ['no', 'public', 1])
  })

  it('is not told by connections over relays, nor by holes that were punched', async () => {
    const { reach, libp2p } = await setUp()
    await libp2p.connect('relayed', { at: FAR, direction: 'inbound', direct: false })
    await libp2p.connect('punched', { at: '/ip4/198.51.100.7/udp/9/webrtc', direction: 'inbound' })
    assert.deepEqual(reach.report, { dialable: 'unknown', relays: [] })
  })

  it('is through relays without a question where it listens nowhere, on one machine too', async () => {
    const { reach, meet, state } = await setUp([])
    assert.equal(reach.dialable, 'no')
    await meet('door', HERE)
    assert.deepEqual([reach.report.relays.length, state.ports], [1, []])
  })

  it('is open again when the machine is elsewhere', async () => {
    const { reach, libp2p, state, meet, pass } = await setUp()
    await libp2p.connect('guest', { at: FAR, direction: 'inbound' })
    assert.equal(reach.dialable, 'yes')
    libp2p.lose('guest')
    state.own = [multiaddr('/ip4/10.0.0.3/tcp/4501')]
    libp2p.dispatchEvent(new CustomEvent('self:peer:update'))
    assert.deepEqual(reach.report, { dialable: 'unknown', relays: [] })
    await meet('door', FARTHER)
    await pass(GRACE_MS)
    assert.deepEqual([reach.report.dialable, reach.report.relays.length], ['no', 1])
  })

  it('stays what it is when only seats were added to its addresses', async () => {
    const { reach, libp2p, state, meet, seatAt } = await setUp()
    await meet('door', FAR)
    await settled()
    state.own = [...state.own, multiaddr(seatAt('door', FAR))]
    libp2p.dispatchEvent(new CustomEvent('self:peer:update'))
    assert.deepEqual([reach.report.dialable, reach.report.relays.length], ['no', 1])
  })
})

describe('addresses that this node gives', () => {
  it('are its seats and those of its network, with its id, once it knows that others cannot dial it', async () => {
    const { reach, state, meet, seatAt } = await setUp()
    await meet('door', FAR)
    await settled()
    assert.deepEqual(reach.advertised(state.own).map(String), [
      `${seatAt('door', FAR)}/p2p/${SELF}`,
      `/ip4/192.168.1.7/tcp/4501/p2p/${SELF}`,
    ])
  })

  it('are those at which a friend dialled it, first', async () => {
    const { reach, state, meet, libp2p } = await setUp()
    state.answer = { seen: '198.51.99.3', tried: true, port: 4501 }
    await meet('friend', FAR)
    await libp2p.connect('friend', { at: FAR, direction: 'inbound' })
    assert.deepEqual(reach.advertised(state.own).map(String), [
      `/ip4/198.51.99.3/tcp/4501/p2p/${SELF}`,
      `/ip4/192.168.1.7/tcp/4501/p2p/${SELF}`,
    ])
    assert.deepEqual(state.changes.at(-1)?.now, ['/ip4/198.51.99.3/tcp/4501'])
  })
})

describe('a node that stops', () => {
  it('leaves no timer, and hears of nothing any more', async () => {
    const { reach, clock, libp2p, meet, state } = await setUp()
    await meet('door', FAR)
    await settled()
    await reach.stop()
    const { changes } = state
    const told = changes.length
    await libp2p.connect('guest', { at: FARTHER, direction: 'inbound' })
    assert.deepEqual([clock.pending, changes.length], [0, told])
  })
})
