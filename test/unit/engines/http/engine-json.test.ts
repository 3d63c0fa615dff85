import assert from 'node:assert/strict'
import { parseEngineJson } from '../../../../engines/http/engine-json.ts'

describe('JSON of engines', () => {
  it('holds null where a server in Python writes what is no number', () => {
    assert.deepEqual(parseEngineJson('{"a":NaN,"b":[Infinity,-Infinity, NaN ],"c":1}'), {
      a: null,
      b: [null, null, null],
      c: 1,
    })
  })

  it('leaves the words in texts alone', () => {
    const text = 'NaN, "NaN\\", -Infinity\\'
    assert.deepEqual(parseEngineJson(`{"NaN":${JSON.stringify(text)},"b":NaN}`), { NaN: text, b: null })
  })

  it('throws for what is no JSON, a text without an end among it, in time that grows with its length', () => {
    for (const text of ['NaNs', '{"a":NaN', '"NaN', `[NaN,${'"\\"'.repeat(200_000)}`]) {
      assert.throws(() => parseEngineJson(text), SyntaxError, text.slice(0, 20))
    }
  })
})
