/** Clients leave in the middle of their answers: every engine stops at once, and the nodes keep nothing. `ROUNDS=1000` for the release. */
import assert from 'node:assert/strict'
import { DaemonSwarm } from '../support/daemon-swarm.ts'
import { markOf } from '../support/journal-check.ts'
import { percentileLine } from '../support/percentiles.ts'
import { seededRandom } from '../support/seeded-random.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 200)
const SEED = Number(process.env['SEED'] ?? 5)
/** An answer takes ten seconds: one that was left and is not stopped cannot end by itself in time. */
const TOKENS = 500
const KNOBS = { tokenMs: 20, slots: 8 }

describe('clients that leave', function () {
  this.timeout(60_000 + ROUNDS * 500)
  const swarm = new DaemonSwarm({ tokens: TOKENS })

  before(() => swarm.start([{ knobs: KNOBS }, { kind: 'llama-server', knobs: KNOBS }, { kind: 'vllm', knobs: KNOBS }]))

  after(() => swarm.stop())

  it(`stop the engine within a second, ${ROUNDS} of ${ROUNDS}, and leave no stream behind`, async () => {
    const random = seededRandom(SEED)
    const leftAt = new Map<string, number>()
    const leave = async (): Promise<void> => {
      const content = swarm.mark('left')
      const result = await swarm.ask({ content, leaveAfter: 1 + Math.floor(random() * 5) })
      leftAt.set(content, Date.now())
      assert.equal(result.kind, 'left', result.message)
    }
    const many = async (count: number): Promise<void> => {
      let left = count
      const client = async (): Promise<void> => {
        for (; left > 0; ) {
          left -= 1
          await leave()
        }
      }
      await Promise.all(Array.from({ length: 8 }, client))
    }
    await leave()
    await swarm.noteBaseline()
    await many(ROUNDS - 1)
    const { endings } = await swarm.check()
    assert.deepEqual(endings, { left: ROUNDS })
    const delays: number[] = []
    for (const { stub } of swarm.rigs) {
      for (const start of stub.journal.entries.filter(({ event }) => event === 'start')) {
        const cancel = stub.journal.entries.find(({ event, query }) => event === 'cancel' && query === start.query)
        assert.ok(cancel !== undefined, `query ${start.query} was cancelled`)
        delays.push(Math.max(0, cancel.at - (leftAt.get(markOf(start)) ?? assert.fail('it was ours'))))
      }
    }
    assert.equal(delays.length, ROUNDS)
    console.log(`      ${percentileLine('client gone to engine cancelled', delays)}; ${swarm.vitalsLine()}`)
    // The promise is one second; twice that is left for a machine that does other things too.
    assert.ok(Math.max(...delays) <= 2_000, `${Math.max(...delays)} ms`)
  })
})
