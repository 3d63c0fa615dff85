import assert from 'node:assert/strict'
import {
  COLD_LOAD_MS,
  lateMs,
  NO_SENDS,
  serviceMs,
  slotWaitMs,
  unknownLoad,
} from '../../../../routing/choice/route-cost.ts'
import { NO_EVIDENCE } from '../../../../routing/learning/evidence.ts'
import { modelLoad, routeQuestion } from '../../../support/routing.ts'

/** 100 tokens at 50 per second. */
const ANSWER_MS = 2_000

describe('the cost of a place', () => {
  it('is no wait while a slot is free, and one answer over the slots for each query beyond', () => {
    const waits = [0, 1, 2, 3, 5].map((running) => slotWaitMs(modelLoad({ running }), NO_SENDS, routeQuestion()))
    assert.deepEqual(waits, [0, 0, ANSWER_MS / 2, ANSWER_MS, ANSWER_MS * 2])
  })

  it('takes the peer at its word for its wait, and adds what it cannot know yet', () => {
    const busy = modelLoad({ running: 2, queued: 1, estimatedWaitMs: 700 })
    assert.equal(slotWaitMs(busy, NO_SENDS, routeQuestion()), 700)
    assert.equal(slotWaitMs(busy, { unreported: 2, reported: 0 }, routeQuestion()), 700 + ANSWER_MS)
  })

  it('never believes that a peer holds less than what we sent and have not seen ended', () => {
    assert.equal(slotWaitMs(modelLoad(), { unreported: 0, reported: 3 }, routeQuestion()), ANSWER_MS)
  })

  it('counts a peer that says nothing as full', () => {
    assert.ok(slotWaitMs(unknownLoad('tiny', 2), NO_SENDS, routeQuestion()) > 0)
  })

  it('is the time for the prompt, for loading a cold model, and for the whole answer where it is not streamed', () => {
    const question = routeQuestion({ promptTokens: 2_000 })
    assert.equal(serviceMs(modelLoad(), question, false), 2_000)
    assert.equal(serviceMs(modelLoad(), question, true), 0)
    assert.equal(serviceMs(modelLoad({ warm: false }), question, true), COLD_LOAD_MS)
    assert.equal(serviceMs(modelLoad(), { ...question, streamed: false }, true), ANSWER_MS)
    assert.equal(serviceMs(modelLoad({ prefillRate: 0 }), question, false), 4_000)
  })

  it('holds lateness against a peer only where it is more than noise', () => {
    assert.equal(lateMs({ ...NO_EVIDENCE, lateMs: 500 }), 0)
    assert.equal(lateMs({ ...NO_EVIDENCE, lateMs: 501 }), 501)
  })
})
