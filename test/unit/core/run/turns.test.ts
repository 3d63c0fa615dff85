import assert from 'node:assert/strict'
import { Turns } from '../../../../core/run/turns.ts'

describe('Turns', () => {
  it('begins each piece of work when the one before it has ended', async () => {
    const turns = new Turns()
    const log: string[] = []
    const gate = Promise.withResolvers<void>()
    const first = turns.take(async () => {
      log.push('first begins')
      await gate.promise
      log.push('first ends')
      return 1
    })
    const second = turns.take(async () => log.push('second'))
    await new Promise(setImmediate)
    assert.deepEqual(log, ['first begins'])
    gate.resolve()
    assert.equal(await first, 1)
    await second
    assert.deepEqual(log, ['first begins', 'first ends', 'second'])
  })

  it('tells a failure to the one that asked, and goes on', async () => {
    const turns = new Turns()
    const failed = turns.take(async () => {
      throw new Error('no')
    })
    const next = turns.take(async () => 'next')
    await assert.rejects(failed, /no/)
    assert.equal(await next, 'next')
    await turns.settled()
  })
})
