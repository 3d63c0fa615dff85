import assert from 'node:assert/strict'
import { hintForKey, knownKeys } from '../../../../config/file/known-keys.ts'

describe('knownKeys', () => {
  it('names what may stand in a section, in a list and under a name of the owner', () => {
    assert.ok(knownKeys([]).includes('realms'))
    assert.ok(knownKeys(['workers', 3]).includes('key_env'))
    assert.ok(knownKeys(['realms', '$ANY', 'limits']).includes('tokens_out'))
    assert.deepEqual(knownKeys(['realms', '$ANY', 'models', 'aliases']), [])
  })
})

describe('hintForKey', () => {
  const rows: readonly (readonly [
    key: string,
    path: readonly (string | number)[],
    meant: string | undefined,
    hint: RegExp,
  ])[] = [
    ['max_worker', ['realms', '$CHAT'], 'max_workers', /did you mean max_workers\?/],
    ['maxWorkers', ['realms', '$CHAT'], 'max_workers', /did you mean max_workers\?/],
    ['log_level', [], undefined, /log_level belongs under node/],
    ['api_key', ['workers', 0], undefined, /secrets never stand in this file/],
    ['colour', ['node'], undefined, /remove it; known here: /],
  ]
  for (const [key, path, meant, hint] of rows) {
    it(`says of ${key} in ${path.join('.') || 'the file'} what to do`, () => {
      const told = hintForKey(key, path)
      assert.equal(told.meant, meant)
      assert.match(told.hint ?? '', hint)
    })
  }
})
