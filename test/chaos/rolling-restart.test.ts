import { RollingRestart } from '../scenarios/rolling-restart.ts'

const RIGS = 3

describe('a rolling restart', () => {
  const restart = new RollingRestart()

  before(() => restart.start(RIGS))

  after(() => restart.stop())

  it('under load loses no accepted query', async () => {
    await restart.go(1)
  })
})
