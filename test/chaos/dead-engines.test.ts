/** Engines die under rigs that live on: the rig says so, the swarm stops sending, and all comes back when they do. `ROUNDS` sets how often. */
import assert from 'node:assert/strict'
import { eventually } from '../support/daemon.ts'
import { DaemonSwarm } from '../support/daemon-swarm.ts'
import { percentileLine } from '../support/percentiles.ts'
import { sparePort } from '../support/spare-port.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 2)
/** An engine that was at work is missed by its query, at once. */
const SAID_MS = 2_000
const SPARED_MS = 3_000
/** One that was idle is missed by the rig's watch, which looks at it once in 5 s; the rest is for a machine that is busy. */
const IDLE_SAID_MS = 9_000

describe('an engine that dies', function () {
  this.timeout(60_000 + ROUNDS * 60_000)
  const swarm = new DaemonSwarm()

  before(async () =>
    swarm.start([
      { knobs: { tokenMs: 2 }, port: await sparePort() },
      { kind: 'vllm', knobs: { tokenMs: 2, slots: 2 }, port: await sparePort() },
    ]),
  )

  after(() => swarm.stop())

  it(`is told to the swarm at once, and nothing more is sent there (${ROUNDS} times)`, async () => {
    const said: number[] = []
    const spared: number[] = []
    const back: number[] = []
    const dieAndReturn = async (): Promise<void> => {
      // Whichever works: the other may be the dearer one, and idle as long as nothing happens to this.
      const rig = await eventually('one is in use', () => swarm.rigs.find(({ stub }) => stub.running > 0))
      const { peerId } = rig.daemon
      const port = Number(new URL(rig.stub.url).port)
      await rig.stub.stop()
      const died = Date.now()
      const slots = async (): Promise<number> =>
        (await swarm.asker.peers()).find((peer) => peer.id === peerId)?.slots ?? 0
      await eventually('the asker knows', async () => (await slots()) === 0)
      said.push(Date.now() - died)
      const known = swarm.clients.size
      await eventually('life goes on', () => swarm.clients.size > known + 40, 60_000)
      spared.push(Math.max(0, (await lastSent(peerId)) - died))
      await rig.stub.start(port)
      const started = Date.now()
      await eventually('the asker knows of its return', async () => (await slots()) > 0, 60_000)
      back.push(Date.now() - started)
    }
    await swarm.askDuring(2, async () => {
      for (let round = 0; round < ROUNDS; round += 1) await dieAndReturn()
    })
    const { endings, runs } = await swarm.check()
    console.log(
      `      ${swarm.clients.size} queries ended as ${JSON.stringify(endings)}, ${runs} runs; ${percentileLine('said so', said)};`,
      `${percentileLine('last query sent there', spared)}; ${percentileLine('told of its return', back)}`,
    )
    assert.deepEqual(endings, { done: swarm.clients.size })
    assert.ok(Math.max(...said) <= SAID_MS, `said after ${Math.max(...said)} ms`)
    assert.ok(Math.max(...spared) <= SPARED_MS, `last query sent after ${Math.max(...spared)} ms`)
  })

  /** Wall clock of the last try at the node, by the receipts; 0 without one. */
  async function lastSent(node: string): Promise<number> {
    let last = 0
    for (const { id } of [...swarm.clients.queries.values()].slice(-200)) {
      const receipt = id === undefined ? undefined : await swarm.receipt(id)
      for (const attempt of receipt?.attempts ?? []) {
        if (attempt.node === node) last = Math.max(last, (receipt?.at ?? 0) + attempt.startedMs)
      }
    }
    return last
  }

  it('ends in one clear error, without a wait, when all of them are dead and when all rigs are gone', async () => {
    // Nobody asks now, so it is the rigs' own watch that finds out.
    await Promise.all(swarm.rigs.map(({ stub }) => stub.stop()))
    const died = performance.now()
    await eventually('the asker knows', async () => (await swarm.asker.peers()).every(({ slots }) => slots === 0))
    const saidMs = performance.now() - died
    console.log(`      idle engines died, and the asker knew after ${saidMs.toFixed(0)} ms`)
    assert.ok(saidMs <= IDLE_SAID_MS, `${saidMs} ms`)
    const dead = await swarm.ask({ id: 'all-dead' })
    await Promise.all(swarm.rigs.map(({ daemon }) => daemon.stop('SIGKILL')))
    await eventually('they are gone', async () => (await swarm.asker.peers()).every(({ connected }) => !connected))
    const gone = await swarm.ask({ id: 'all-gone' })
    for (const { kind, totalMs, message } of [dead, gone]) {
      console.log(`      ${kind} after ${totalMs.toFixed(0)} ms: ${message}`)
      assert.match(kind, /^(no_worker|model_not_found)$/)
      assert.ok(totalMs < 3_000)
    }
    await swarm.check()
  })
})
