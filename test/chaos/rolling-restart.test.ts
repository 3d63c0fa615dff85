/** A rolling restart under load: each rig in turn drains on SIGTERM, ends, and comes back as itself. `ROUNDS` sets how often all go round. */
import assert from 'node:assert/strict'
import { eventually } from '../support/daemon.ts'
import { DaemonSwarm, type Rig } from '../support/daemon-swarm.ts'
import { percentileLine } from '../support/percentiles.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 1)
const RIGS = 5
const AT_ONCE = 4
/** How long a drain may take at most. */
const DRAIN_MS = 30_000

describe('a rolling restart', function () {
  this.timeout(120_000 + ROUNDS * 120_000)
  const swarm = new DaemonSwarm({ tokens: 40 })

  before(() => swarm.start(Array.from({ length: RIGS }, () => ({ knobs: { ttftMs: 20, tokenMs: 10 } }))))

  after(() => swarm.stop())

  it(`of ${RIGS} rigs under load loses no accepted query (${ROUNDS} times round)`, async () => {
    const drains: number[] = []
    const returns: number[] = []
    const restart = async (rig: Rig): Promise<void> => {
      const { peerId, home } = rig.daemon
      await eventually('it is busy', () => rig.stub.running > 0, 60_000)
      const from = performance.now()
      assert.deepEqual(await rig.daemon.stop('SIGTERM'), { code: 0, signal: null })
      drains.push(performance.now() - from)
      rig.daemon = await swarm.upRig(rig.kind, rig.stub, home)
      assert.equal(rig.daemon.peerId, peerId)
      const up = performance.now()
      await swarm.allKnown()
      returns.push(performance.now() - up)
    }
    await swarm.askDuring(AT_ONCE, async () => {
      for (const rig of Array.from({ length: ROUNDS }, () => swarm.rigs).flat()) await restart(rig)
    })
    const { endings, runs, continued } = await swarm.check()
    console.log(
      `      ${swarm.clients.size} queries ended as ${JSON.stringify(endings)}, ${runs} runs, ${continued} handed over;`,
      `${percentileLine('drain', drains)}; ${percentileLine('ready to routed to', returns)}`,
    )
    assert.deepEqual(endings, { done: swarm.clients.size })
    assert.ok(Math.max(...drains) < DRAIN_MS)
  })
})
