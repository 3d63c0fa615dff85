/** Every example of realms.yml in the pages is a sound one. */
import assert from 'node:assert/strict'
import { checkConfig } from '../../../config/file/check-config.ts'
import { markdownFiles, page } from '../../support/markdown.ts'

const EXAMPLES = markdownFiles().flatMap((path) =>
  [...page(path).matchAll(/^```ya?ml\n([\s\S]*?)^```/gm)].map(([, text = ''], i) => ({ path, number: i + 1, text })),
)

describe('examples of realms.yml', () => {
  it('are found', () => {
    assert.ok(EXAMPLES.length >= 4)
  })

  for (const { path, number, text } of EXAMPLES) {
    it(`${path}: example ${number} is valid`, () => {
      const result = checkConfig(text, path)
      assert.deepEqual(result.ok ? [] : result.problems, [])
    })
  }
})
