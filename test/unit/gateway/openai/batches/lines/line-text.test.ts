import assert from 'node:assert/strict'
import { QUERY_ID } from '../../../../../../core/query/query.ts'
import { answeredLine, expiredLine, lineQueryId } from '../../../../../../gateway/openai/batches/lines/line-text.ts'

const OF = { batch: 'batch_0a', line: 6, customId: 'a "name"\n' }

describe('the text of a result', () => {
  it('is one line, in OpenAI’s words', () => {
    const text = answeredLine(OF, { status: 200, body: '{"x":"é"}' })
    assert.ok(text.endsWith('\n') && text.indexOf('\n') === text.length - 1)
    assert.deepEqual(JSON.parse(text), {
      id: 'batch_req_0a_7',
      custom_id: 'a "name"\n',
      response: { status_code: 200, request_id: 'batch_0a.7', body: { x: 'é' } },
      error: null,
    })
  })

  it('says that there was no time', () => {
    const { response, error } = JSON.parse(expiredLine(OF))
    assert.deepEqual([response, error.code], [null, 'batch_expired'])
  })

  it('names the same query each time that the line is asked', () => {
    assert.match(lineQueryId(OF), QUERY_ID)
    assert.equal(lineQueryId(OF), lineQueryId({ ...OF }))
  })
})
