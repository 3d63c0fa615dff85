import assert from 'node:assert/strict'
import { PROGRESS_EVERY_MS, ToldProgress } from '../../../../../gateway/mcp/tools/told-progress.ts'
import { PING_EVERY_MS } from '../../../../../gateway/request/limits.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'

describe('progress of a tool', () => {
  let clock: ManualClock
  let told: (readonly [number, string])[]
  beforeEach(() => {
    clock = new ManualClock()
    told = []
  })
  const made = (): ToldProgress => new ToldProgress({ clock, tell: (count, message) => told.push([count, message]) })

  it('tells each place in a queue, and of tokens only now and then', () => {
    const progress = made()
    progress.saw({ kind: 'queued', position: 2, estimatedWaitMs: 61_000 })
    progress.saw({ kind: 'queued', position: 1, estimatedWaitMs: 900 })
    for (let i = 0; i < 50; i += 1) {
      clock.advance(PROGRESS_EVERY_MS / 20)
      progress.saw({ kind: 'text', text: 'a', tokens: 2 })
    }
    progress.release()
    assert.deepEqual(told, [
      [1, 'place 2 in the queue, about 61 s'],
      [2, 'place 1 in the queue, about 1 s'],
      [3, 'tokens so far: 40'],
      [4, 'tokens so far: 80'],
    ])
  })

  it('tells how far a model is loaded or a picture is drawn', () => {
    const progress = made()
    progress.saw({ kind: 'progress', fraction: 0.417, note: 'llama loads the model' })
    clock.advance(PROGRESS_EVERY_MS)
    progress.saw({ kind: 'progress', fraction: 0.5 })
    progress.release()
    assert.deepEqual(told, [
      [1, 'llama loads the model, 42 %'],
      [2, 'at work, 50 %'],
    ])
  })

  it('says something before a client takes silence for death, and leaves no timer behind', () => {
    const progress = made()
    clock.advance(PING_EVERY_MS)
    progress.saw({ kind: 'reasoning', text: 'hm' })
    clock.advance(PING_EVERY_MS)
    assert.deepEqual(told, [
      [1, 'waits for an answer'],
      [2, 'tokens so far: 1'],
    ])
    progress.release()
    assert.equal(clock.pending, 0)
  })

  it('is for those who ask', () => {
    const progress = new ToldProgress({ clock })
    progress.saw({ kind: 'queued', position: 2, estimatedWaitMs: 1 })
    assert.equal(clock.pending, 0)
  })
})
