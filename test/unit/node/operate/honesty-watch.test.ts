import assert from 'node:assert/strict'
import { RECEIPT_VERSION, type RouteReceipt } from '../../../../core/query/receipt.ts'
import { HonestyWatch } from '../../../../node/operate/honesty-watch.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const receiptFrom = (node: string): RouteReceipt => ({
  version: RECEIPT_VERSION,
  id: 'q',
  type: 'chat',
  realm: '$CHAT',
  scope: 'home',
  modelAsked: 'tiny',
  attempts: [{ node, startedMs: 0, tookMs: 1, events: 1, outcome: 'served' }],
  continued: false,
  hedged: false,
  at: 0,
  totalMs: 1,
  overheadUs: 1,
  outcome: 'served',
})

describe('HonestyWatch', () => {
  const AFTER = 300_000

  function watch(isReached = true) {
    const clock = new ManualClock()
    const logged: string[] = []
    const log = { warn: (_fields: object, message: string) => logged.push(message) }
    const watched = new HonestyWatch({ clock, log, isReached: () => isReached }, { self: 'me' })
    const ended = (node: string): void => watched.ended(receiptFrom(node), true, AFTER)
    return { clock, logged, ended, honesty: watched }
  }

  it('tells the operator after a bounded time of living on others', () => {
    const { clock, honesty, ended } = watch()
    ended('other')
    clock.advance(AFTER - 1)
    assert.deepEqual(honesty.warnings(true, AFTER), [])
    clock.advance(1)
    assert.match(honesty.warnings(true, AFTER)[0] ?? '', /came from other nodes/)
  })

  it('tells the log once, and again only after it was well in between', () => {
    const { clock, ended, logged } = watch()
    ended('other')
    clock.advance(AFTER)
    ended('other')
    ended('other')
    assert.equal(logged.length, 1)
    ended('me')
    ended('other')
    clock.advance(AFTER)
    ended('other')
    assert.equal(logged.length, 2)
  })

  it('takes that back after one answer of its own', () => {
    const { clock, honesty, ended } = watch()
    ended('other')
    clock.advance(AFTER)
    ended('me')
    assert.deepEqual(honesty.warnings(true, AFTER), [])
  })

  it('finds nothing wrong in a node without engines that uses others', () => {
    const { clock, honesty, ended } = watch()
    ended('other')
    clock.advance(10 * AFTER)
    assert.deepEqual(honesty.warnings(false, AFTER), [])
  })

  it('says when nobody can reach the node', () => {
    assert.match(watch(false).honesty.warnings(true, AFTER)[0] ?? '', /no other node can open a connection/)
    assert.deepEqual(watch(true).honesty.warnings(true, AFTER), [])
  })
})
