import { DeadEngines } from '../scenarios/dead-engines.ts'

describe('an engine that dies', () => {
  const engines = new DeadEngines()

  before(() => engines.start())

  after(() => engines.stop())

  it('costs no query its answer, gets nothing once that is known, and is used again when it is back', async () => {
    await engines.dieAndReturn(2)
  })

  it('is told in one clear error when all are dead, and when all rigs are gone', async () => {
    await engines.dieForGood()
  })
})
