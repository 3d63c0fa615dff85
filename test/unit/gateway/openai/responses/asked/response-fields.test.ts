import assert from 'node:assert/strict'
import { checkValue } from '../../../../../../core/check-value.ts'
import { REQUEST_FIELDS } from '../../../../../../core/model/request-fields.ts'
import { responseFields } from '../../../../../../gateway/openai/responses/asked/response-fields.ts'
import { responseSchema } from '../../../../../../gateway/openai/responses/asked/response-schema.ts'

const fieldsOf = (fields: object, skipped: readonly string[] = []) => {
  const body = { input: 'hi', ...fields }
  return responseFields(checkValue(responseSchema, body), body, skipped)
}

describe('the fields of a response', () => {
  it('have a row in the table or are the door’s own, so that none is named that is heard', () => {
    const said = Object.keys(responseSchema.shape)
    const values: Record<string, unknown> = {
      ...{ instructions: 'x', metadata: { a: 'b' }, store: true, include: ['x'], max_output_tokens: 1 },
      ...{ reasoning: { effort: 'low' }, text: { verbosity: 'low' }, truncation: 'disabled' },
    }
    assert.deepEqual(
      Object.keys(values).filter((field) => !said.includes(field)),
      [],
    )
    const { carried, dropped } = fieldsOf(values)
    assert.deepEqual(
      carried.filter((field) => !Object.hasOwn(REQUEST_FIELDS, field)),
      [],
    )
    assert.deepEqual(dropped, [])
    assert.ok(carried.includes('reasoning.effort') && carried.includes('text.verbosity'))
  })

  it('are named where nothing comes of them', () => {
    const { dropped } = fieldsOf({ truncation: 'auto', prompt_cache_key: 'k', max_tool_calls: 2 }, [
      'tools.web_search',
      'a b',
    ])
    assert.deepEqual(dropped, ['prompt_cache_key', 'max_tool_calls', 'truncation', 'tools.web_search'])
  })

  it('are looked for inside tools and parts too', () => {
    const { carried } = fieldsOf({
      input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:', detail: 'high' }] }],
      tools: [{ type: 'function', name: 'f', strict: true }],
    })
    assert.deepEqual(carried, ['input', 'tools', 'tools[].strict', 'input[].content[].detail'])
  })
})
