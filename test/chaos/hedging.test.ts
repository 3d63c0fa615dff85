/** A rig becomes unusually slow to begin: a second one is asked, seldom, and the one that loses stops its engine. */
import assert from 'node:assert/strict'
import { DaemonSwarm } from '../support/daemon-swarm.ts'
import { markOf } from '../support/journal-check.ts'

/** Queries that make the history: a hedge is saved up by fifty of them. */
const HISTORY = 120
const SLOW_MS = 20_000

describe('a rig that is slow to begin', function () {
  this.timeout(180_000)
  const swarm = new DaemonSwarm()

  // Slots enough that nothing waits, and a time to the first token beside which this machine's own unevenness is small: else ordinary
  // queries use up the budget.
  const plan = { kind: 'llama-server', knobs: { ttftMs: 300, slots: 8 } } as const
  before(() => swarm.start([plan, plan]))

  after(() => swarm.stop())

  it('costs a second try for few queries, and the slow engine is cancelled', async () => {
    await swarm.askMany(HISTORY, 4)
    const history = new Set(swarm.clients.queries.keys())
    const slow = swarm.rigs[0]
    assert.ok(slow !== undefined)
    const cancelled = slow.stub.journal.count('cancel')
    slow.stub.knobs = { ...slow.stub.knobs, ttftMs: SLOW_MS }
    for (let tries = 0; tries < 20 && slow.stub.journal.count('cancel') === cancelled; tries += 1) {
      await swarm.askMany(4, 4)
    }
    const { endings, hedged, receipts } = await swarm.check()
    assert.deepEqual(endings, { done: swarm.clients.size })
    const [mark, receipt] =
      [...receipts].find(([each, { hedged }]) => hedged && !history.has(each)) ?? assert.fail('nothing was hedged')
    const served = receipt.attempts.find(({ outcome }) => outcome === 'served')
    const lost = receipt.attempts.find(({ outcome }) => outcome === 'cancelled')
    console.log(
      `      ${hedged} of ${swarm.clients.size} queries were hedged; it took ${receipt.totalMs.toFixed(0)} ms instead of ${SLOW_MS}`,
    )
    assert.equal(lost?.node, slow.daemon.peerId)
    assert.notEqual(served?.node, slow.daemon.peerId)
    const start = slow.stub.journal.entries.find((entry) => entry.event === 'start' && markOf(entry) === mark)
    assert.ok(
      slow.stub.journal.entries.some(({ event, query }) => event === 'cancel' && query === start?.query),
      'the slow engine was told to stop',
    )
    assert.ok(hedged <= Math.ceil(0.02 * swarm.clients.size), `${hedged} of ${swarm.clients.size}`)
  })
})
