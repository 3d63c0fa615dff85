import { DyingRigs } from '../scenarios/dying-rigs.ts'
import { seededRandom } from '../support/seeded-random.ts'

const ROUNDS = 3
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

describe(`dying rigs (seed ${SEED})`, () => {
  const rigs = new DyingRigs()
  const random = seededRandom(SEED)

  before(() => rigs.start())

  after(() => rigs.stop())

  it('are no end for the answer that a killed node served: it goes on byte for byte', async () => {
    await rigs.strike({ blow: 'SIGKILL', rounds: ROUNDS, random })
  })

  it('are no end for the answer of a node that was stopped dead: it goes on byte for byte', async () => {
    await rigs.strike({ blow: 'SIGSTOP', rounds: ROUNDS, random })
  })
})
