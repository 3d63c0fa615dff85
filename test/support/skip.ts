/** Tests that this machine cannot run say so, in one line each. */
import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'

/**
 * Skips the test, or the whole suite when it is called in its `before`, and says why. With `REALMESH_NO_SKIPS=1`, as in
 * `.ci/run`, which installs what tests need, it fails instead. `scripts/test.mjs` names a file in `REALMESH_SKIP_LOG`,
 * so that the lines stand in its summary.
 */
export function skip(context: Mocha.Context, why: string): never {
  const { test } = context
  const skipped = test !== undefined && 'type' in test && test.type === 'hook' ? test.parent : test
  const line = `${skipped?.fullTitle() ?? 'a test'}: ${why}`
  if (process.env['REALMESH_NO_SKIPS'] === '1') assert.fail(`nothing may be skipped here; ${line}`)
  tell(line)
  return context.skip()
}

/**
 * Says in one line that a suite has no tests here, since what it is about is not installed and nobody asks that it be.
 */
export function leftOut(suite: string, why: string): void {
  tell(`${suite}: ${why}`)
}

function tell(line: string): void {
  const log = process.env['REALMESH_SKIP_LOG']
  if (log === undefined) console.log(`      skipped: ${line}`)
  else appendFileSync(log, `${line}\n`)
}
