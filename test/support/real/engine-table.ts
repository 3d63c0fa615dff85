/**
 * What the tests of real engines showed, as lines that scripts/test-engines.mjs makes a table of: one row per title,
 * one column per engine.
 */
import { appendFileSync } from 'node:fs'
import process from 'node:process'

const FILE = process.env['REALMESH_ENGINE_TABLE']

/** Notes how each test of the suite around it ends. */
export function noteEach(engine: string): void {
  afterEach(function () {
    const { title, state } = this.currentTest ?? {}
    if (title !== undefined && state !== undefined) note(engine, title, state === 'passed' ? 'ok' : state)
  })
}

/** Notes a figure, beside how the test ends. */
export function note(engine: string, row: string, cell: string): void {
  if (FILE !== undefined) appendFileSync(FILE, `${JSON.stringify({ engine, row, cell })}\n`)
  else if (cell !== 'ok') console.log(`      ${engine}: ${row}: ${cell}`)
}
