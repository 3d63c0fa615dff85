import assert from 'node:assert/strict'
import { checkConfig } from '../../../../config/file/check-config.ts'
import { brokenFiles, brokenPart, brokenText } from '../../../support/broken-config.ts'

describe('broken realms.yml files', () => {
  it('are sixty at least, and the name of each says what it is about', () => {
    const files = brokenFiles()
    assert.ok(files.length >= 60)
    assert.deepEqual(
      files.filter((file) => brokenPart(file) === undefined),
      [],
    )
  })

  it('are told of without repeating what may be a secret', () => {
    const text = brokenText('worker-key-env')
    assert.match(text, /sk-abc-123/)
    assert.doesNotMatch(JSON.stringify(checkConfig(text, 'realms.yml')), /sk-abc-123/)
  })
})
