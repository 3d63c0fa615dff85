import assert from 'node:assert/strict'
import { PeerTable } from '../../../../discovery/peers/peer-table.ts'
import type { Standing } from '../../../../discovery/peers/standing.ts'
import { StandingEnds } from '../../../../discovery/peers/standing-ends.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { testCard } from '../../../support/cards.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('the end of a relation', () => {
  let clock: ManualClock
  let until: Record<string, number>
  let table: PeerTable
  let ends: StandingEnds
  let changed: string[]
  beforeEach(async () => {
    clock = new ManualClock()
    until = {}
    const judge = (peer: string, wall: number): Standing => {
      const end = until[peer] ?? 0
      return end > wall ? { relation: 'friend', until: end } : { relation: 'stranger', until: Number.POSITIVE_INFINITY }
    }
    table = new PeerTable({ routing: new RoutingView(), clock, judge: ({ peerId }, wall) => judge(peerId, wall) })
    ends = new StandingEnds({ table, clock })
    await ends.start()
    changed = []
    table.onChange(({ kind, id }) => {
      if (kind === 'relation') changed.push(id)
    })
  })
  afterEach(() => ends.stop())

  it('comes at its moment, of each peer, though nobody asks', () => {
    until = { late: clock.wall() + 2_000, soon: clock.wall() + 1_000 }
    for (const peer of ['late', 'soon']) table.setCard(testCard(peer))
    clock.advance(999)
    assert.deepEqual(changed, [])
    clock.advance(1)
    assert.deepEqual(changed, ['soon'])
    clock.advance(1_000)
    assert.deepEqual(changed, ['soon', 'late'])
  })

  it('of peers that were known before comes too, and no timer is left behind', async () => {
    await ends.stop()
    until = { known: clock.wall() + 10 * 24 * 3_600_000 }
    table.setCard(testCard('known'))
    await ends.start()
    clock.advance(10 * 24 * 3_600_000)
    assert.deepEqual(changed, ['known'])
    await ends.stop()
    assert.equal(clock.pending, 0)
  })
})
