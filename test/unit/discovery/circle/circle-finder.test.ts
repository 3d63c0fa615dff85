import assert from 'node:assert/strict'
import {
  CircleFinder,
  FIRST_LOOK_MS,
  LOST_LOOK_MS,
  MAX_DIALS_PER_LOOK,
  SELDOM_MS,
} from '../../../../discovery/circle/circle-finder.ts'
import { PeerTable } from '../../../../discovery/peers/peer-table.ts'
import { type Friend, judgeStanding } from '../../../../discovery/peers/standing.ts'
import type { Card } from '../../../../protocols/card/card.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

/** What the DHT names under any key, and whose each node is by its card; one without an owner is not reached. */
function setUp(named: readonly string[], owners: Readonly<Record<string, string>>, friends: readonly Friend[] = []) {
  const clock = new ManualClock(0)
  const state = { named, owners, circle: { federation: 'ours', friends }, peers: true }
  const table = new PeerTable({
    routing: new RoutingView(),
    clock,
    judge: (card, wallMs) => judgeStanding(card, state.circle, wallMs),
  })
  const asked: string[] = []
  const dialled: string[] = []
  const finder = new CircleFinder(
    {
      clock,
      table,
      circle: () => state.circle,
      mayLook: () => state.peers,
      lookup: {
        bucket: async ({ kind, name }, bucket, { onHint }) => {
          asked.push(`${kind}/${name}/${bucket}`)
          for (const id of state.named) onHint({ id, addresses: [] }, bucket)
          return true
        },
      },
      meet: async ({ id }) => {
        dialled.push(id)
        const owner = state.owners[id]
        if (owner === undefined) return
        table.setConnected(id, true)
        const federation = { publicKey: owner, label: '', notAfter: Number.MAX_SAFE_INTEGER }
        table.setCard({ peerId: id, federation, models: [], share: 'home' } as unknown as Card)
      },
    },
    { rng: () => 0.5 },
  )
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    for (let i = 0; i < 10; i += 1) await settled()
  }
  return { clock, state, table, asked, dialled, finder, pass }
}

describe('circle finder', () => {
  it('dials own nodes soon after the start, and looks no more than once an hour while one is connected', async () => {
    const { clock, asked, dialled, finder, pass } = setUp(['rig'], { rig: 'ours' })
    await finder.start()
    await pass(FIRST_LOOK_MS)
    assert.deepEqual([asked, dialled], [['federation/ours/0'], ['rig']])
    await pass(SELDOM_MS - 1)
    assert.equal(asked.length, 1)
    await pass(1)
    assert.deepEqual([asked.length, dialled.length], [2, 1])
    await finder.stop()
    assert.equal(clock.pending, 0)
  })

  it('looks ever more rarely while none is connected, down to once an hour', async () => {
    const { clock, asked, finder, pass } = setUp([], {})
    await finder.start()
    const at: number[] = []
    while (clock.monotonic() < 10_000_000) {
      const before = asked.length
      await pass(Math.min(...clock.waits))
      if (asked.length > before) at.push(clock.monotonic() / 1_000)
    }
    assert.deepEqual(at, [5, 25, 105, 425, 1_705, 5_305, 8_905, 12_505])
    await finder.stop()
  })

  it('dials a stranger that stands under the own key once, and after hours again', async () => {
    const { clock, asked, dialled, finder, pass, table } = setUp(['liar'], { liar: 'theirs' })
    await finder.start()
    await pass(FIRST_LOOK_MS)
    assert.deepEqual(dialled, ['liar'])
    table.setConnected('liar', false)
    while (clock.monotonic() < 1_705_000) await pass(Math.min(...clock.waits))
    assert.deepEqual([asked.length, dialled.length], [5, 1])
    await pass(SELDOM_MS)
    assert.deepEqual([asked.length, dialled.length], [6, 2])
    await finder.stop()
  })

  it('bounds the dials of one look, and takes those first that were not tried before', async () => {
    const named = Array.from({ length: MAX_DIALS_PER_LOOK + 4 }, (_, i) => `dead-${i}`)
    const { dialled, finder, pass } = setUp(named, {})
    await finder.start()
    await pass(FIRST_LOOK_MS)
    assert.equal(dialled.length, MAX_DIALS_PER_LOOK)
    await pass(FIRST_LOOK_MS * 4)
    assert.deepEqual(dialled.slice(MAX_DIALS_PER_LOOK, MAX_DIALS_PER_LOOK + 4), named.slice(-4))
    assert.equal(dialled.length, 2 * MAX_DIALS_PER_LOOK)
    await finder.stop()
  })

  it('looks for friends that are new, by federation or by peer id, and not for those that are gone', async () => {
    const { asked, dialled, state, finder, pass } = setUp([], { pal: 'somebody' })
    await finder.start()
    await pass(FIRST_LOOK_MS)
    state.circle = { federation: 'ours', friends: [{ federation: 'theirs' }, { peer: 'pal' }] }
    finder.changed()
    await pass(FIRST_LOOK_MS)
    assert.deepEqual([asked, dialled], [['federation/ours/0', 'federation/theirs/0'], ['pal']])
    state.circle = { federation: 'ours', friends: [] }
    finder.changed()
    await pass(SELDOM_MS)
    assert.deepEqual(
      asked.filter((key) => key.includes('theirs')),
      ['federation/theirs/0'],
    )
    await finder.stop()
  })

  it('looks again a minute after the last of them is gone', async () => {
    const { asked, finder, pass, table } = setUp(['rig'], { rig: 'ours' })
    await finder.start()
    await pass(FIRST_LOOK_MS)
    table.setConnected('rig', false)
    await pass(LOST_LOOK_MS - 1)
    assert.equal(asked.length, 1)
    await pass(1)
    assert.deepEqual([asked.length, table.get('rig')?.connected], [2, true])
    await finder.stop()
  })

  it('asks nobody while it is alone, and soon once it is told of the first peer', async () => {
    const { asked, state, finder, pass } = setUp([], {})
    state.peers = false
    await finder.start()
    await pass(SELDOM_MS)
    assert.equal(asked.length, 0)
    state.peers = true
    finder.hurry()
    await pass(FIRST_LOOK_MS)
    assert.equal(asked.length, 1)
    await finder.stop()
  })
})
