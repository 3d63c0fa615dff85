/** Rigs that say they are idle and swallow what they get: own evidence must outrank their claims. `ROUNDS` sets the queries after the first 20. */
import assert from 'node:assert/strict'
import { DaemonSwarm } from '../support/daemon-swarm.ts'
import { LIARS_NETWORK, type LyingRig, lyingRig } from '../support/lying-rig.ts'
import { percentileLine } from '../support/percentiles.ts'

/**
 * So many that the share is no matter of luck: a liar gets three tries until its breaker opens and one more per half minute, which for all
 * three and a run of a minute is 15. Seen are 7 on a quiet machine, 11 on a very busy one.
 */
const ROUNDS = Number(process.env['ROUNDS'] ?? 300)
/** How often as many more are asked while no liar was tried at all: chance gives them one query in some seventy. */
const PATIENCE = 10
/** Queries in which the liars may be found out. */
const LEARNING = 20
const HONEST = 7

describe('black holes', function () {
  this.timeout(120_000 + ROUNDS * 500)
  // Short answers: what counts is who is asked.
  const swarm = new DaemonSwarm({ tokens: 8 })
  let silent: LyingRig | undefined

  before(async () => {
    const honest = Array.from({ length: HONEST }, () => ({ knobs: { ttftMs: 20, tokenMs: 2 } }))
    const failing = [{ knobs: { fail: 'error' as const } }, { knobs: { fail: 'cut' as const, failAfter: 0 } }]
    await swarm.start([...honest, ...failing], { network: LIARS_NETWORK })
    silent = await lyingRig(swarm.asker, () => {}) // reads the query and says nothing, ever
    await swarm.allKnown([{ peerId: silent.id }])
  })

  /** With an id of its own, so that a query that fails has a receipt that can be found. */
  function named(): { readonly content: string; readonly id: string } {
    const content = swarm.mark()
    return { content, id: content.replace(' ', '-') }
  }

  after(async () => {
    await Promise.all([silent?.stop(), swarm.stop()])
  })

  it(`get at most 5 % of the tries after ${LEARNING} queries, and no query is lost (3 of 10 rigs, ${ROUNDS} queries)`, async () => {
    const lying = swarm.rigs.filter(({ stub }) => stub.knobs.fail !== 'none')
    assert.ok(silent !== undefined)
    const liars = new Set([silent.id, ...lying.map(({ daemon }) => daemon.peerId)])
    const learning = await swarm.askMany(LEARNING, 2, named)
    await swarm.noteBaseline()
    const known = new Set(swarm.clients.queries.keys())
    const results = [...(await swarm.askMany(ROUNDS, 4, named))]
    const tried = (): boolean => silent?.asked() !== 0 || lying.some(({ stub }) => stub.journal.count('start') > 0)
    for (let more = 0; more < PATIENCE && !tried(); more += 1) results.push(...(await swarm.askMany(ROUNDS, 4, named)))
    assert.ok(tried(), 'the liars were tried at all')
    const { endings, receipts } = await swarm.check()
    // A query makes three tries: one that met all three liars before they were known ends in an error, and its client is told so.
    assert.deepEqual(
      results.map(({ kind }) => kind),
      results.map(() => 'done'),
    )
    assert.ok((endings['done'] ?? 0) >= ROUNDS + LEARNING - 2, JSON.stringify(endings))
    const shareOf = (learned: boolean): { tries: number; lied: number } => {
      const attempts = [...receipts].flatMap(([mark, { attempts }]) => (known.has(mark) === learned ? [] : attempts))
      return { tries: attempts.length, lied: attempts.filter(({ node }) => liars.has(node)).length }
    }
    const before = shareOf(false)
    const after = shareOf(true)
    console.log(
      `      liars got ${before.lied} of ${before.tries} tries while learning, then ${after.lied} of ${after.tries};`,
      percentileLine(
        'time to first text',
        results.map(({ firstTextMs }) => firstTextMs),
      ),
      `(while learning max ${Math.max(...learning.map(({ firstTextMs }) => firstTextMs)).toFixed(0)} ms);`,
      swarm.vitalsLine(),
    )
    assert.ok(after.lied <= 0.05 * after.tries, `${after.lied} of ${after.tries}`)
  })
})
