import assert from 'node:assert/strict'
import { ERROR_CODES } from '../../../core/realmesh-error.ts'
import { ERROR_TEXTS } from '../../../scripts/error-texts.ts'
import { page } from '../../support/markdown.ts'

describe('docs/errors.md', () => {
  for (const code of Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[]) {
    it(`says what ${code} means and what to do`, () => {
      const { meaning, advice } = ERROR_TEXTS[code]
      assert.ok(
        page('docs/errors.md').includes(`### ${code}\n\n${meaning} **Do:** ${advice}\n`),
        'fix: npm run generate',
      )
    })
  }
})
