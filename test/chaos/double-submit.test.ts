/** A retry storm with one id: one effect, and everybody gets the same answer. */
import assert from 'node:assert/strict'
import { DaemonSwarm } from '../support/daemon-swarm.ts'
import { markOf } from '../support/journal-check.ts'
import { volume } from '../support/volume.ts'

const ROUNDS = volume(2, 20)
const CLIENTS = 100

describe('the same query submitted many times', () => {
  const swarm = new DaemonSwarm({ tokens: 30 })

  before(() => swarm.start([{ knobs: { tokenMs: 10 } }, { kind: 'vllm', knobs: { tokenMs: 10 } }]))

  after(() => swarm.stop())

  it(`runs once for ${CLIENTS} clients, and all get the same bytes (${ROUNDS} storms)`, async () => {
    await swarm.ask()
    await swarm.noteBaseline()
    for (let round = 0; round < ROUNDS; round += 1) {
      const content = swarm.mark('storm')
      const id = `storm-${round}`
      const results = await Promise.all(Array.from({ length: CLIENTS }, () => swarm.ask({ content, id })))
      assert.equal(new Set(results.map(({ text }) => text)).size, 1)
      const late = await swarm.ask({ content, id })
      assert.equal(late.text, swarm.expected(content), 'who comes after its end gets the same answer')
    }
    const { endings, runs } = await swarm.check()
    assert.deepEqual(endings, { done: ROUNDS * (CLIENTS + 1) + 1 })
    assert.equal(runs, ROUNDS + 1)
  })

  it('goes on for those who stay when others leave', async () => {
    const content = swarm.mark('stay')
    const [stays, ...left] = await Promise.all([
      swarm.ask({ content, id: 'stay' }),
      ...Array.from({ length: 20 }, () => swarm.ask({ content, id: 'stay', leaveAfter: 2 })),
    ])
    assert.equal(stays.kind, 'done')
    assert.ok(left.every(({ kind }) => kind === 'left'))
    const entries = swarm.rigs.flatMap(({ stub }) => stub.journal.entries)
    assert.equal(entries.filter((entry) => entry.event === 'start' && markOf(entry) === content).length, 1)
    await swarm.check()
  })
})
