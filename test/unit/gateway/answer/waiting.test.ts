import assert from 'node:assert/strict'
import { AnswerWait, waitFields, waitText } from '../../../../gateway/answer/waiting.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const QUEUED = { kind: 'queued', position: 3, estimatedWaitMs: 1_200.4 } as const
const LOADING = { kind: 'progress', fraction: 0.418, note: 'llama loads the model' } as const

describe('what is told of a wait', () => {
  it('is a place in a queue with its estimate, or how far the work has come', () => {
    assert.equal(waitText(QUEUED), 'position=3, estimated-wait-ms=1200')
    assert.equal(waitText(LOADING), 'progress=0.42, note="llama loads the model"')
    assert.equal(waitText({ kind: 'progress', fraction: 0 }), 'progress=0')
    assert.deepEqual(waitFields(QUEUED), { position: 3, estimated_wait_ms: 1200 })
    assert.deepEqual(waitFields(LOADING), { progress: 0.42, note: 'llama loads the model' })
  })

  it('cannot end a header or a comment, whatever a peer notes', () => {
    const note = `a"b\\c\r\nx-evil: 1\n\ndata: ł${'x'.repeat(200)}`
    const text = waitText({ kind: 'progress', fraction: 1, note })
    assert.match(text, /^progress=1, note="a'b'c\?\?x-evil: 1\?\?data: \?x+"$/)
    assert.ok(text.length < 130)
  })

  it('is told once until it changes', () => {
    const waiting = new AnswerWait(new ManualClock())
    assert.equal(waiting.saw(QUEUED), waitText(QUEUED))
    assert.equal(waiting.saw(QUEUED), undefined)
    assert.equal(waiting.saw({ ...QUEUED, position: 2 }), 'position=2, estimated-wait-ms=1200')
  })

  it('is the wait as it stands, and behind it how long the queue was', () => {
    const clock = new ManualClock()
    const waiting = new AnswerWait(clock)
    assert.equal(waiting.header, undefined)
    waiting.saw(QUEUED)
    clock.advance(700)
    assert.equal(waiting.header, waitText(QUEUED))
    waiting.started()
    waiting.saw(LOADING)
    clock.advance(5_000)
    assert.equal(waiting.header, waitText(LOADING))
    waiting.over()
    assert.equal(waiting.header, 'waited-ms=700')
  })
})
