import { BlackHoles } from '../scenarios/black-holes.ts'

const QUERIES = 60
const HONEST = 4

describe('black holes', () => {
  const holes = new BlackHoles()

  before(() => holes.start(HONEST))

  after(() => holes.stop())

  it('cost no query its answer, and get no more tries than it takes to know them', async () => {
    await holes.ask(QUERIES)
  })
})
