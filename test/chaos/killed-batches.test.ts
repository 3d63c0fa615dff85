import assert from 'node:assert/strict'
import { KilledBatches } from '../scenarios/killed-batches.ts'
import { seededRandom } from '../support/seeded-random.ts'

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

describe(`a batch whose coordinator is killed (seed ${SEED})`, () => {
  const batches = new KilledBatches()
  before(() => batches.start())
  after(() => batches.stop())

  it('has each line once, with the answer of an engine, and charges none twice', async () => {
    const lines = 40
    const { computed, computedTwice, charged } = await batches.run({ lines, kills: 2, random: seededRandom(SEED) })
    assert.equal(computed - computedTwice, lines)
    assert.ok(charged <= lines, `${charged} charged`)
  })
})
