import assert from 'node:assert/strict'
import { KillUnderWrites } from '../scenarios/kill-under-writes.ts'

const ROUNDS = 30

describe('kill -9 under concurrent writes', () => {
  let writes: KillUnderWrites

  before(() => {
    writes = new KillUnderWrites()
  })

  after(() => writes.stop())

  it('loses nothing acknowledged, tears nothing and invents nothing', async () => {
    const { acknowledged } = await writes.kill(ROUNDS)
    assert.ok(acknowledged > ROUNDS, 'the children wrote next to nothing')
  })
})
