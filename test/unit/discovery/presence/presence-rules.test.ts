import assert from 'node:assert/strict'
import {
  ASK_AFTER_MS,
  CUT_AFTER_MS,
  judgeLink,
  LINK_LOOK_MS,
  SECOND_TO_ASK_MS,
  SILENT_AFTER_MS,
} from '../../../../discovery/presence/presence-rules.ts'

describe('the rules of presence', () => {
  it('ask a node that has said nothing for a while, one of the two ends first', () => {
    const link = { heardAt: 1_000, askedAt: undefined, second: false }
    assert.equal(judgeLink(link, 1_000 + ASK_AFTER_MS - 1), 'wait')
    assert.equal(judgeLink(link, 1_000 + ASK_AFTER_MS), 'ask')
    assert.equal(judgeLink({ ...link, second: true }, 1_000 + ASK_AFTER_MS), 'wait')
    assert.equal(judgeLink({ ...link, second: true }, 1_000 + ASK_AFTER_MS + SECOND_TO_ASK_MS), 'ask')
  })

  it('take a node that does not answer for silent, and for lost much later', () => {
    const link = { heardAt: 0, askedAt: 1_000, second: false }
    assert.equal(judgeLink(link, 1_000 + SILENT_AFTER_MS - 1), 'wait')
    assert.equal(judgeLink(link, 1_000 + SILENT_AFTER_MS), 'silent')
    assert.equal(judgeLink(link, 1_000 + CUT_AFTER_MS), 'cut')
  })

  it('leave a node that vanished among those that can be chosen for less than 20 seconds', () => {
    assert.ok(ASK_AFTER_MS + SECOND_TO_ASK_MS + SILENT_AFTER_MS + 2 * LINK_LOOK_MS < 20_000)
  })
})
