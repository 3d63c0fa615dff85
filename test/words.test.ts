/**
 * Comments are plain: lines as long as code may be, people as "they", and no word whose sense only the first authors
 * knew. The folder of each room with more than five files opens with a page.
 */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './support/markdown.ts'
import { filesByFolder, sourceFiles } from './support/source-tree.ts'

/** Code lines are held to the same width by the formatter, which leaves comments alone. */
const MAX_WIDTH = 120
/** More files than this want a page that says in which order to read them. */
const FILES_WITHOUT_PAGE = 5
const COMMENT = /^\s*(?:\/\/|\/\*\*?|\*)\s?(.*)$/
const UNCLEAR = /\b(?:he|him|his|himself|whoever|somebody|someone|shall|befell|the seed's|issue \d+)\b/i

const LAYERS = ['core', 'home', 'config', 'storage', 'protocols', 'routing', 'engines', 'workers', 'discovery', 'node']
const FOLDERS = [...LAYERS, 'gateway', 'bin']

/** Comment lines of the sources, as `path:line: text`; generated files are left out. */
function comments(): readonly { readonly where: string; readonly line: string }[] {
  return sourceFiles(FOLDERS)
    .filter(({ text }) => !text.startsWith('// Generated from'))
    .flatMap(({ path, text }) => text.split('\n').map((line, at) => ({ where: `${path}:${at + 1}`, line })))
    .filter(({ line }) => COMMENT.test(line))
}

describe('comments and pages of the sources', () => {
  it('are lines as wide as code', () => {
    const wide = comments().filter(({ line }) => line.length > MAX_WIDTH)
    assert.deepEqual(
      wide.map(({ where }) => where),
      [],
    )
  })

  it('speak of callers, peers and users in plain words', () => {
    const unclear = comments().filter(({ line }) => UNCLEAR.test(line))
    assert.deepEqual(
      unclear.map(({ where, line }) => `${where}: ${line.trim()}`),
      [],
    )
  })

  it('open every room with more than five files', () => {
    const rooms = [...filesByFolder(sourceFiles(FOLDERS))].filter(([, files]) => files.length > FILES_WITHOUT_PAGE)
    const closed = rooms.map(([folder]) => folder).filter((folder) => !existsSync(join(ROOT, folder, 'README.md')))
    assert.deepEqual(closed, [])
    for (const [folder] of rooms) assert.match(readFileSync(join(ROOT, folder, 'README.md'), 'utf8'), /^# /)
  })
})
