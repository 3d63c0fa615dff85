import assert from 'node:assert/strict'
import { argumentsText, toTool } from '../../../../gateway/fields/tools.ts'

describe('tools', () => {
  it('have nothing that is null', () => {
    const given = { name: 'f', description: null, parameters: null, strict: null }
    assert.deepEqual(toTool({ type: 'function', function: given }), { name: 'f' })
  })

  it('were called with JSON, however a program holds it', () => {
    assert.deepEqual([{ a: 1 }, '{"a":1}', null, undefined].map(argumentsText), ['{"a":1}', '{"a":1}', '{}', '{}'])
  })
})
