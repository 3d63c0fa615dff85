import assert from 'node:assert/strict'
import { CARD_MAX_AGE_MS, CARDS_PER_TICK, Housekeeping, TICK_MS } from '../../../discovery/housekeeping.ts'
import { PeerTable } from '../../../discovery/peers/peer-table.ts'
import { STRANGER } from '../../../discovery/peers/standing.ts'
import { RoutingView } from '../../../routing/offers/routing-view.ts'
import { testCard } from '../../support/cards.ts'
import { ManualClock } from '../../support/manual-clock.ts'

function setUp(connected: number, rng: () => number = () => 0) {
  const clock = new ManualClock(0)
  const table = new PeerTable({ routing: new RoutingView(), clock, judge: () => STRANGER })
  for (let i = 0; i < connected; i += 1) {
    table.setConnected(`p${i}`, true)
    table.setCard(testCard(`p${i}`))
  }
  const refreshed: string[] = []
  const done = { noted: 0, dialled: 0, read: 0 }
  const letGo = { times: 0 }
  const housekeeping = new Housekeeping(
    {
      table,
      clock,
      watch: {
        readRoundTrips: () => {
          done.read += 1
        },
      },
      cards: { refresh: (id) => refreshed.push(id) },
      remembered: { has: () => false },
      excess: {
        letGo: async () => {
          letGo.times += 1
        },
      },
      contacts: {
        dialRemembered: () => {
          done.dialled += 1
        },
        noteConnected: async () => {
          done.noted += 1
        },
      },
    },
    { rng },
  )
  return { clock, table, refreshed, done, letGo, housekeeping }
}

describe('housekeeping', () => {
  it('fetches old cards anew, a few at a time, from any of them on', async () => {
    const { clock, refreshed, housekeeping } = setUp(20, () => 0.9)
    await housekeeping.start()
    clock.advance(CARD_MAX_AGE_MS - 1)
    assert.deepEqual(refreshed, [])
    clock.advance(TICK_MS)
    assert.equal(refreshed.length, CARDS_PER_TICK)
    assert.deepEqual(refreshed.slice(0, 3), ['p18', 'p19', 'p0'])
    await housekeeping.stop()
  })

  it('looks in each round whether connections are too many', async () => {
    const { clock, letGo, housekeeping } = setUp(0)
    await housekeeping.start()
    for (let round = 1; round <= 3; round += 1) {
      clock.advance(TICK_MS)
      assert.equal(letGo.times, round)
    }
    await housekeeping.stop()
  })

  it('dials remembered peers while few are connected, and notes the connected now and then', async () => {
    const few = setUp(3)
    const enough = setUp(4)
    for (const { clock, housekeeping } of [few, enough]) {
      await housekeeping.start()
      clock.advance(5 * 60_000)
      await housekeeping.stop()
    }
    assert.deepEqual(few.done, { noted: 1, dialled: 60, read: 60 })
    assert.deepEqual(enough.done, { noted: 1, dialled: 0, read: 60 })
  })

  it('forgets strangers that were silent for a day', async () => {
    const { clock, table, housekeeping } = setUp(1)
    await housekeeping.start()
    table.setConnected('p0', false)
    clock.advance(23 * 3_600_000)
    assert.equal(table.size, 1)
    clock.advance(2 * 3_600_000)
    assert.equal(table.size, 0)
    await housekeeping.stop()
  })

  it('is begun once and leaves no timer behind', async () => {
    const { clock, housekeeping } = setUp(0)
    await housekeeping.start()
    await housekeeping.start()
    assert.equal(clock.pending, 1)
    await housekeeping.stop()
    assert.equal(clock.pending, 0)
  })
})
