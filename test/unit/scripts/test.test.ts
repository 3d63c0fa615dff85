/** The gate's own script, run over tests that fail: what its last lines tell. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { ROOT } from '../../support/markdown.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const FAILING = `
import assert from 'node:assert/strict'

it('compares', () => assert.deepEqual({ a: 1, b: [2] }, { a: 1, b: [3] }))
it('compares what is long', () => assert.deepEqual(Array.from({ length: 500 }, (_, i) => i), []))
it('compares, and says what', () => assert.equal('no', 'yes', 'the answer'))
it('has a code', () => {
  const cause = new Error('the line was cut')
  throw Object.assign(new Error('no place is left', { cause }), { code: 'MODEL_NOT_FOUND', fix: 'start a worker' })
})
it('throws what is no error', () => { throw 'a text' })
it('passes', () => {})
`

/** What follows the line \`failed\`, of a run that failed. */
async function lastLines(file: string, flags: readonly string[]): Promise<string> {
  await writeFile(file, FAILING)
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'test.mjs'), ...flags, file], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  assert.equal(code, 1)
  return said.slice(said.lastIndexOf('\nfailed\n'))
}

describe('what the gate says last', () => {
  const folder = temporaryFolder()

  for (const flags of [[], ['--parallel']]) {
    it(`tells of each test that failed why it did, in a few lines${flags.map((flag) => `: ${flag}`).join('')}`, async () => {
      const said = await lastLines(folder.path('failing.test.ts'), flags)
      const [, ...told] = said.split(/^ {2}(?=\S)/m).map((part) => part.replace(/ \(\d+\.\d s\)\n/, '\n'))
      const [compares = '', long = '', says = '', code = '', text = ''] = told
      assert.match(compares, /^compares\n +AssertionError \[ERR_ASSERTION\]: /)
      assert.match(compares, /[+-] +2\n/)
      assert.match(compares, /[+-] +3\n/)
      assert.match(compares, /at .*failing\.test\.ts:4:/)
      assert.match(long, /… \d+ more lines\n +at /)
      assert.ok(long.split('\n').length < 25)
      assert.match(says, /AssertionError \[ERR_ASSERTION\]: the answer\n(.*\n)* +-no\n +\+yes\n +at /)
      assert.match(code, /\n +Error \[MODEL_NOT_FOUND\]: no place is left\n +fix: start a worker\n(.*\n)* +at /)
      // What a process of mocha hands on of an error has no cause.
      if (flags.length === 0) assert.match(code, /\n +caused by Error: the line was cut\n/)
      assert.match(text, /a text/)
      assert.match(said, /\n1 passed, 5 failed\n$/)
    })
  }
})
