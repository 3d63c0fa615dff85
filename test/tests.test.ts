/**
 * What holds for the tests themselves: they mirror the sources, nothing is left out in silence, and the clock on the
 * wall judges nothing.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from './support/markdown.ts'

/** Folders of test/unit that are about something else than a folder of sources. */
const NO_MIRROR = /^test\/unit\/(docs|bench)\//

const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .map((path) => join('test', path))
  .filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules'))

function found(pattern: RegExp, among: readonly string[] = files): readonly string[] {
  return among.flatMap((path) => {
    const lines = readFileSync(join(ROOT, path), 'utf8').split('\n')
    return lines.flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : []))
  })
}

describe('the tests', () => {
  it('are found', () => {
    assert.ok(files.length > 200)
  })

  it('skip nothing without saying why, and leave no other test out', () => {
    assert.deepEqual(found(/\b(it|describe)\.(only|skip)\(|\bthis\.skip\(\)/), [])
  })

  it('have no limit of time of their own: .mocharc.json has one for all, which only a test that hangs meets', () => {
    assert.deepEqual(found(/\bthis\.timeout\(|\)\.timeout\(/), [])
  })

  it('measure no time: what it may be is judged by npm run prove', () => {
    assert.deepEqual(found(/\bperformance\.now\(/), [])
  })

  it('lie where the sources lie that they are about', () => {
    const lost = files
      .filter((path) => path.startsWith('test/unit/') && !NO_MIRROR.test(path))
      .map((path) => dirname(path).replace('test/unit/', ''))
      .filter((folder) => !existsSync(join(ROOT, folder)))
    assert.deepEqual(lost, [])
  })
})
