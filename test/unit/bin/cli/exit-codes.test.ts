import assert from 'node:assert/strict'
import { EXIT_OF } from '../../../../bin/cli/exit-codes.ts'
import { ERROR_CODES } from '../../../../core/realmesh-error.ts'

describe('exit statuses', () => {
  it('are never 0 for an error, and stay below the signals', () => {
    for (const code of Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[]) {
      assert.ok(EXIT_OF[code] > 0 && EXIT_OF[code] <= 130, code)
    }
  })
})
