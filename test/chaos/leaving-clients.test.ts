import { LeavingClients } from '../scenarios/leaving-clients.ts'
import { seededRandom } from '../support/seeded-random.ts'

const ROUNDS = 40
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

describe(`clients that leave (seed ${SEED})`, () => {
  const clients = new LeavingClients()

  before(() => clients.start())

  after(() => clients.stop())

  it('stop every engine and leave no stream behind', async () => {
    await clients.leave(ROUNDS, seededRandom(SEED))
  })
})
