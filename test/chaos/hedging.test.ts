/** A rig becomes unusually slow to begin: a second one is asked, seldom, and the one that loses stops its engine. */
import assert from 'node:assert/strict'
import { DaemonSwarm, type Rig } from '../support/daemon-swarm.ts'
import { markOf } from '../support/journal-check.ts'

/** Queries that make the history: a hedge is saved up by fifty of them. */
const HISTORY = 100
const SLOW_MS = 20_000
/** Queries with a rig that is often late, and by how much: more would gladly be hedged than may be. */
const LATE_QUERIES = 40
const LATE_MS = 1_500

describe('a rig that is slow to begin', () => {
  const swarm = new DaemonSwarm()
  // Slots enough that nothing waits.
  const plan = { kind: 'llama-server', knobs: { slots: 8 } } as const

  before(() => swarm.start([plan]))

  after(() => swarm.stop())

  it('costs a second try for few queries, and the slow engine is cancelled', async () => {
    // One rig alone makes the history: without another to ask, an uneven machine cannot use up what is saved.
    await swarm.askMany(HISTORY, 4)
    assert.ok((await figure('realmesh_hedges_saved')) >= 1.99)
    await swarm.addRig(plan)
    await swarm.allKnown()

    const mark = swarm.mark('slow')
    for (const { stub } of swarm.rigs) stub.knobs = { ...stub.knobs, ttftMs: SLOW_MS }
    const asking = swarm.ask({ content: mark })
    const slow = await firstAsked(mark)
    const quick = swarm.rigs.find((rig) => rig !== slow) ?? assert.fail('there are two')
    quick.stub.knobs = { ...quick.stub.knobs, ttftMs: 0 }
    assert.equal((await asking).node, quick.daemon.peerId)

    slow.stub.knobs = { ...slow.stub.knobs, ttftMs: LATE_MS }
    await swarm.askMany(LATE_QUERIES, 4)
    const { endings, hedged, receipts } = await swarm.check()
    const receipt = receipts.get(mark) ?? assert.fail('it has a receipt')
    assert.deepEqual(endings, { done: swarm.clients.size })
    assert.equal(receipt.hedged, true)
    const outcomes = new Map(receipt.attempts.map(({ node, outcome }) => [node, outcome]))
    assert.equal(outcomes.get(slow.daemon.peerId), 'cancelled')
    assert.equal(outcomes.get(quick.daemon.peerId), 'served')
    const { entries } = slow.stub.journal
    const start = entries.find((entry) => entry.event === 'start' && markOf(entry) === mark)
    assert.ok(
      entries.some(({ event, query }) => event === 'cancel' && query === start?.query),
      'the slow engine was told to stop',
    )
    assert.ok(hedged <= 0.02 * swarm.clients.size, `${hedged} of ${swarm.clients.size}`)
    assert.equal(await figure('realmesh_hedges_made_total'), hedged)
  })

  /** The rig whose engine gets the query first. */
  function firstAsked(mark: string): Promise<Rig> {
    return Promise.race(
      swarm.rigs.map(async (rig) => {
        await rig.stub.journal.waitFor('start', (entry) => markOf(entry) === mark)
        return rig
      }),
    )
  }

  /** One of the asker's figures, as an operator reads it. */
  async function figure(name: string): Promise<number> {
    const metrics = await (await fetch(`${swarm.asker.http}/metrics`)).text()
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1])
  }
})
