import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../../../core/query/query-event.ts'
import { ResponseAnswer } from '../../../../../../gateway/openai/responses/output/response-answer.ts'
import { FAKE_START } from '../../../../../support/fake-node.ts'
import { recordInit } from '../../../../../support/response-desk.ts'

function bodyOf(...events: readonly QueryEvent[]) {
  const answer = new ResponseAnswer('q')
  for (const event of events) answer.add(event)
  const body = answer.toBody({ queryId: 'q', created: 7, model: 'asked' }, recordInit('q').body, 9)
  return JSON.parse(JSON.stringify(body))
}

describe('ResponseAnswer', () => {
  it('is complete at a stop, by the name of the model that answered', () => {
    const { id, model, status, completed_at, output, usage } = bodyOf(
      FAKE_START,
      { kind: 'text', text: 'a' },
      { kind: 'text', text: 'b' },
      { kind: 'end', finishReason: 'stop', usage: { promptTokens: 1, completionTokens: 2 } },
    )
    assert.deepEqual([id, model, status, completed_at], ['resp_q', 'tiny:latest', 'completed', 9])
    assert.deepEqual([output[0].content[0].text, output[0].status, usage.total_tokens], ['ab', 'completed', 3])
  })

  it('is incomplete at the limit, with its reason and no time', () => {
    const { status, completed_at, incomplete_details, output } = bodyOf(
      { kind: 'text', text: 'a' },
      { kind: 'end', finishReason: 'length' },
    )
    assert.deepEqual([status, completed_at, incomplete_details], ['incomplete', null, { reason: 'max_output_tokens' }])
    assert.equal(output[0].status, 'incomplete')
  })

  it('is a message of nothing where nothing came, under the name that was asked for', () => {
    const { model, output } = bodyOf({ kind: 'end', finishReason: 'stop' })
    assert.deepEqual([model, output.length, output[0].content[0].text], ['asked', 1, ''])
  })
})
