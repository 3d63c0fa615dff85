import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import type { CancelSignal } from '../../../../core/run/cancel-signal.ts'
import { FAILED_CARD_MS, PeerCards, REFRESH_GAP_MS } from '../../../../discovery/peers/peer-cards.ts'
import { PeerTable } from '../../../../discovery/peers/peer-table.ts'
import { STRANGER } from '../../../../discovery/peers/standing.ts'
import type { Card } from '../../../../protocols/card/card.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { testCard } from '../../../support/cards.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

interface Asked {
  readonly peer: string
  readonly signal: CancelSignal
  readonly give: (card: Card) => void
  readonly fail: (error: Error) => void
}

function setUp() {
  const clock = new ManualClock()
  const asked: Asked[] = []
  const table = new PeerTable({
    routing: new RoutingView(),
    clock,
    judge: (card) => (card.label === 'ours' ? { relation: 'home', until: Number.POSITIVE_INFINITY } : STRANGER),
  })
  const cards = new PeerCards({
    table,
    clock,
    log: silentLogger,
    fetch: (peer, { signal }) =>
      new Promise((give, fail) => {
        signal.addEventListener('abort', () => fail(signal.reason), { once: true })
        asked.push({ peer, signal, give, fail })
      }),
  })
  return { clock, asked, table, cards }
}

describe('peer cards', () => {
  it('asks a peer once for its card, however many want to know what it is to us', async () => {
    const { asked, cards } = setUp()
    const answers = [cards.relationOf('a'), cards.relationOf('a'), cards.relationOf('a')]
    assert.equal(asked.length, 1)
    asked[0]?.give(testCard('a', { label: 'ours' }))
    assert.deepEqual(await Promise.all(answers), ['home', 'home', 'home'])
    assert.equal(await cards.relationOf('a'), 'home')
    assert.equal(asked.length, 1)
  })

  it('does not say what a peer without a card is, and asks again only after a moment', async () => {
    const { clock, asked, cards } = setUp()
    const first = cards.relationOf('a')
    asked[0]?.fail(new Error('no such protocol'))
    assert.equal(await first, undefined)
    assert.equal(await cards.relationOf('a'), undefined)
    assert.equal(asked.length, 1)
    clock.advance(FAILED_CARD_MS)
    const second = cards.relationOf('a')
    asked[1]?.give(testCard('a', { label: 'ours' }))
    assert.equal(await second, 'home')
  })

  it('does not take the card of somebody else', async () => {
    const { asked, table, cards } = setUp()
    const relation = cards.relationOf('a')
    asked[0]?.give(testCard('b', { label: 'ours' }))
    assert.equal(await relation, undefined)
    assert.equal(table.size, 0)
  })

  it('refreshes not more often than each second, and does not lose the last wish', async () => {
    const { clock, asked, cards } = setUp()
    cards.refresh('a')
    cards.refresh('a')
    asked[0]?.give(testCard('a'))
    await cards.fetch('a')
    clock.advance(REFRESH_GAP_MS - 1)
    cards.refresh('a')
    cards.refresh('a')
    assert.equal(asked.length, 1)
    clock.advance(1)
    assert.equal(asked.length, 2)
    asked[1]?.give(testCard('a'))
    await cards.fetch('a')
    assert.equal(clock.pending, 0)
    cards.refresh('a')
    await cards.stop()
    assert.equal(clock.pending, 0)
  })

  it('ends what is on its way when it stops', async () => {
    const { asked, cards } = setUp()
    const relation = cards.relationOf('a')
    await cards.stop()
    assert.ok(asked[0]?.signal.aborted)
    assert.equal(await relation, undefined)
  })
})
