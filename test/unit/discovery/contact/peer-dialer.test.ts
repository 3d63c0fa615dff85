import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import {
  MAX_WAITING_HINTS,
  PeerDialer,
  type PeerDialerInit,
  type PeerHint,
  SECOND_TO_DIAL_MS,
  UNADDRESSED_TRIES,
  USEFUL_PEERS,
} from '../../../../discovery/contact/peer-dialer.ts'
import { addressOf, FakeLibp2p, newPeerId, settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

async function hint(): Promise<PeerHint> {
  const peer = await newPeerId()
  return { id: peer.toString(), addresses: [addressOf(peer)] }
}

async function setUp(init: PeerDialerInit = {}) {
  const libp2p = new FakeLibp2p(await newPeerId())
  const clock = new ManualClock(0)
  const denied = new Set<string>()
  const budget = { admits: true }
  const dialer = new PeerDialer(
    { libp2p, clock, log: silentLogger, background: () => budget.admits, isDenied: (peer) => denied.has(peer) },
    { rng: () => 0.5, ...init },
  )
  await dialer.start()
  return { libp2p, clock, denied, budget, dialer }
}

describe('peer dialer', () => {
  it('dials a few hints at a time, and the next when one is done', async () => {
    const { libp2p, dialer } = await setUp({ concurrency: 2 })
    for (let i = 0; i < 5; i++) dialer.suggest(await hint())
    assert.equal(libp2p.dials.length, 2)
    libp2p.dials[0]?.succeed()
    libp2p.dials[1]?.fail()
    await settled()
    assert.equal(libp2p.dials.length, 4)
    await dialer.stop()
    await settled()
    assert.equal(libp2p.dials.length, 4)
    assert.ok(libp2p.dials[3]?.signal.aborted)
  })

  it('lets go of hints of itself, of connected and denied peers, and of those that are on their way', async () => {
    const { libp2p, denied, dialer } = await setUp()
    const [here, bad, fresh] = [await hint(), await hint(), await hint()]
    libp2p.connect(here.id)
    denied.add(bad.id)
    assert.equal(dialer.suggest({ id: libp2p.peerId.toString(), addresses: [] }), false)
    assert.equal(dialer.suggest(here), false)
    assert.equal(dialer.suggest(bad), false)
    assert.equal(dialer.suggest(fresh), true)
    assert.equal(dialer.suggest(fresh), false)
    await dialer.stop()
  })

  it('wants no more peers than its target, those on their way included', async () => {
    const { libp2p, dialer } = await setUp({ targetPeers: 2 })
    libp2p.connect('somebody')
    assert.equal(dialer.suggest(await hint()), true)
    assert.equal(dialer.suggest(await hint()), false)
    await dialer.stop()
  })

  it('dials again at once a peer that did not answer when it was this node that was away', async () => {
    const { libp2p, dialer } = await setUp()
    const failed = await hint()
    assert.equal(dialer.suggest(failed), true)
    libp2p.dials.at(-1)?.fail()
    await settled()
    assert.equal(dialer.suggest(failed), false)
    dialer.forgive()
    assert.equal(dialer.suggest(failed), true)
    await dialer.stop()
  })

  it('leaves the first dial to the node with the smaller id, once it has peers', async () => {
    const { libp2p, clock, dialer } = await setUp()
    const { addresses } = await hint()
    dialer.suggest({ id: '0', addresses })
    assert.equal(libp2p.dials.length, 1)
    libp2p.connect('somebody')
    dialer.suggest({ id: 'zz', addresses })
    assert.equal(libp2p.dials.length, 2)
    dialer.suggest({ id: '00', addresses })
    clock.advance(SECOND_TO_DIAL_MS - 1)
    assert.equal(libp2p.dials.length, 2)
    clock.advance(1)
    assert.equal(libp2p.dials.length, 3)
    dialer.suggest({ id: '000', addresses })
    await dialer.stop()
    assert.equal(clock.pending, 0)
  })

  it('takes a useful one beyond its target, up to a bound', async () => {
    const { dialer } = await setUp({ targetPeers: 0, concurrency: USEFUL_PEERS })
    assert.equal(dialer.suggest(await hint()), false)
    for (let i = 0; i < USEFUL_PEERS; i++) assert.equal(dialer.suggest(await hint(), true), true)
    assert.equal(dialer.suggest(await hint(), true), false)
    await dialer.stop()
  })

  it('does not dial a peer again soon that did not answer, and waits longer each time', async () => {
    const { libp2p, clock, dialer } = await setUp()
    const gone = await hint()
    for (const wait of [15_000, 30_000, 60_000]) {
      assert.equal(dialer.suggest(gone), true)
      libp2p.dials.at(-1)?.fail()
      await settled()
      clock.advance(wait - 1)
      assert.equal(dialer.suggest(gone), false)
      clock.advance(1)
    }
    await dialer.stop()
  })

  it('dials no hint above the budget, unless it has no peer; what is needed it dials', async () => {
    const { libp2p, budget, dialer } = await setUp()
    budget.admits = false
    assert.equal(dialer.suggest(await hint()), true)
    libp2p.connect('somebody')
    assert.equal(dialer.suggest(await hint()), false)
    void dialer.reach(await hint())
    assert.equal(libp2p.dials.length, 2)
    await dialer.stop()
  })

  it('keeps a bounded number of hints waiting', async () => {
    const { dialer } = await setUp({ concurrency: 0, targetPeers: 100_000 })
    const { addresses } = await hint()
    let taken = 0
    for (let i = 0; i < MAX_WAITING_HINTS + 50; i++) if (dialer.suggest({ id: `p${i}`, addresses })) taken += 1
    assert.equal(taken, MAX_WAITING_HINTS)
    await dialer.stop()
  })

  it('dials the peer that was meant: its id stands at the end of every address', async () => {
    const { libp2p, dialer } = await setUp()
    const { id, addresses } = await hint()
    dialer.suggest({ id, addresses: addresses.map((address) => address.decapsulate('/p2p')) })
    assert.equal(libp2p.dials[0]?.target, id)
    await dialer.stop()
  })

  it('survives a hint whose id is nonsense', async () => {
    const { libp2p, dialer } = await setUp()
    dialer.suggest({ id: 'nonsense', addresses: [] })
    await settled()
    assert.equal(dialer.suggest(await hint()), true)
    assert.equal(libp2p.dials.length, 1)
    await dialer.stop()
  })

  it('reaches a peer that is needed now, however many are connected or wait', async () => {
    const { libp2p, dialer } = await setUp({ targetPeers: 0, concurrency: 0 })
    const needed = await hint()
    const [reached, again] = [dialer.reach(needed), dialer.reach(needed)]
    assert.equal(libp2p.dials.length, 1)
    libp2p.dials[0]?.succeed()
    assert.deepEqual(await Promise.all([reached, again, dialer.reach(needed)]), [true, true, true])
    assert.equal(libp2p.dials.length, 1)
    await dialer.stop()
  })

  it('reaches a peer that failed a moment ago: whoever asks for it now does so for a reason', async () => {
    const { libp2p, dialer } = await setUp()
    const gone = await hint()
    const failed = dialer.reach(gone)
    libp2p.dials[0]?.fail()
    assert.equal(await failed, false)
    assert.equal(dialer.suggest(gone), false)
    const reached = dialer.reach(gone)
    libp2p.dials[1]?.succeed()
    assert.equal(await reached, true)
    await dialer.stop()
  })

  it('does not dial this node or a denied peer, whoever asks for it', async () => {
    const { libp2p, denied, dialer } = await setUp()
    const bad = await hint()
    denied.add(bad.id)
    const self = { id: libp2p.peerId.toString(), addresses: [] }
    assert.deepEqual([await dialer.reach(self), await dialer.reach(bad)], [false, false])
    assert.equal(libp2p.dials.length, 0)
    await dialer.stop()
  })

  it('looks for a peer of which only the id was heard at its own relays first, then wherever libp2p finds it', async () => {
    const libp2p = new FakeLibp2p(await newPeerId())
    const relay = addressOf(await newPeerId()).encapsulate('/p2p-circuit')
    const dialer = new PeerDialer(
      {
        libp2p,
        clock: new ManualClock(0),
        log: silentLogger,
        isDenied: () => false,
        reach: { through: () => [relay] },
      },
      { rng: () => 0.5 },
    )
    await dialer.start()
    const { id, addresses } = await hint()
    void dialer.reach({ id, addresses: [] })
    assert.deepEqual(libp2p.dials[0]?.at, [`${relay.toString()}/p2p/${id}`])
    libp2p.dials[0]?.fail()
    await settled()
    assert.deepEqual([libp2p.dials[1]?.target, libp2p.dials[1]?.at], [id, []])
    void dialer.reach({ ...(await hint()), addresses })
    assert.equal(libp2p.dials.length, 3)
    assert.ok(!String(libp2p.dials[2]?.at).includes('p2p-circuit'), 'what was told is not second-guessed')
    await dialer.stop()
  })

  it('tries a peer of which only the id was heard again soon, some times', async () => {
    const { libp2p, clock, dialer } = await setUp()
    const { id } = await hint()
    dialer.suggest({ id, addresses: [] })
    for (let tries = 1; tries <= UNADDRESSED_TRIES + 1; tries += 1) {
      clock.advance(4_000)
      assert.equal(libp2p.dials.length, tries)
      libp2p.dials[tries - 1]?.fail()
      await settled()
    }
    clock.advance(4_000)
    assert.equal(libp2p.dials.length, UNADDRESSED_TRIES + 1)
    assert.equal(dialer.suggest({ id, addresses: [] }), false)
    await dialer.stop()
  })
})
