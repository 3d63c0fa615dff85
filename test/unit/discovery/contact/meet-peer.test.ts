import assert from 'node:assert/strict'
import { meetPeer, SLOW_TRY_MS } from '../../../../discovery/contact/meet-peer.ts'
import { PeerTable } from '../../../../discovery/peers/peer-table.ts'
import { STRANGER } from '../../../../discovery/peers/standing.ts'
import type { Card } from '../../../../protocols/card/card.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { FakeLibp2p, newPeerId, settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const CARD = {} as Card

/**
 * `reaches`: whether each dial succeeds; `shows`: whether each fetch brings a card. Both go on with the last. `tookMs`:
 * time that each fetch takes.
 */
async function setUp(reaches: readonly boolean[], shows: readonly boolean[] = [true], tookMs = 0) {
  const clock = new ManualClock()
  const table = new PeerTable({ routing: new RoutingView(), clock, judge: () => STRANGER })
  const peer = await newPeerId()
  const id = peer.toString()
  const libp2p = new FakeLibp2p(await newPeerId())
  const dials: string[] = []
  const fetched: string[] = []
  const cards = {
    fetch: async (from: string) => {
      fetched.push(from)
      clock.advance(tookMs)
      return (shows[fetched.length - 1] ?? shows.at(-1)) === true ? CARD : undefined
    },
  }
  const dialer = {
    reach: async (hint: { readonly id: string }) => {
      dials.push(hint.id)
      const reached = (reaches[dials.length - 1] ?? reaches.at(-1)) === true
      if (reached) libp2p.connect(hint.id)
      return reached
    },
  }
  const abort = new AbortController()
  const parts = { dialer, libp2p, table, cards, clock }
  const meeting = (): Promise<void> => meetPeer(parts, { id, addresses: [] }, abort.signal)
  return { table, libp2p, peer, id, dials, fetched, abort, meeting }
}

describe('meeting a peer', () => {
  it('takes in the card once the connection has shown that it is a node of ours', async () => {
    const { table, id, fetched, meeting } = await setUp([true])
    const met = meeting()
    await settled()
    table.setConnected('another', true)
    await settled()
    assert.deepEqual(fetched, [])
    table.setConnected(id, true)
    await met
    assert.deepEqual(fetched, [id])
  })

  it('asks a peer that is connected for its card anew', async () => {
    const { table, id, fetched, meeting } = await setUp([true])
    table.setConnected(id, true)
    await meeting()
    assert.deepEqual(fetched, [id])
  })

  it('dials anew when the connection goes before it has shown anything', async () => {
    const { table, libp2p, peer, id, dials, fetched, meeting } = await setUp([true])
    const met = meeting()
    await settled()
    libp2p.disconnect(await newPeerId())
    await settled()
    assert.deepEqual(dials, [id])
    libp2p.disconnect(peer)
    await settled()
    assert.deepEqual(dials, [id, id])
    table.setConnected(id, true)
    await met
    assert.deepEqual(fetched, [id])
  })

  it('dials anew after a dial that failed', async () => {
    const { table, id, dials, fetched, meeting } = await setUp([false, true])
    table.setConnected(id, true)
    await meeting()
    assert.deepEqual([dials, fetched], [[id, id], [id]])
  })

  it('asks again for a card that did not come', async () => {
    const { table, id, fetched, meeting } = await setUp([true], [false, true])
    table.setConnected(id, true)
    await meeting()
    assert.deepEqual(fetched, [id, id])
  })

  it('does not count tries that ran out of time', async () => {
    const { table, id, fetched, meeting } = await setUp([true], [false, false, false, true], SLOW_TRY_MS)
    table.setConnected(id, true)
    await meeting()
    assert.deepEqual(fetched, [id, id, id, id])
  })

  it('gives up when the peer cannot be reached twice, or is not needed any more', async () => {
    const unreachable = await setUp([false])
    await unreachable.meeting()
    assert.equal(unreachable.dials.length, 2)
    const { dials, fetched, abort, meeting } = await setUp([true])
    const met = meeting()
    await settled()
    abort.abort()
    await met
    assert.equal(dials.length, 1)
    assert.deepEqual([...unreachable.fetched, ...fetched], [])
  })
})
