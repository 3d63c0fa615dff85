/** Broken realms.yml files in test/fixtures/config, and what their author is told: where, what, and what to do. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { checkConfig } from '../../config/file/check-config.ts'

const FOLDER = new URL('../fixtures/config/', import.meta.url)

/** What a file is about, by the first word behind `broken-` in its name. */
const ABOUT = {
  yaml: ['yaml'],
  keys: ['key'],
  node: ['discovery', 'federation', 'node'],
  realms: ['pool', 'realm'],
  shards: ['shard'],
  workers: ['worker'],
  hosts: ['host'],
} as const satisfies Record<string, readonly string[]>

export type BrokenPart = keyof typeof ABOUT

export type BrokenRow = readonly [
  file: string,
  line: number,
  column: number,
  path: string,
  message: string,
  hint: string,
]

/** The names of all broken files, without `broken-` and `.yml`. */
export function brokenFiles(): readonly string[] {
  return readdirSync(FOLDER).flatMap((name) => /^broken-(.+)\.yml$/.exec(name)?.[1] ?? [])
}

export function brokenText(file: string): string {
  return readFileSync(new URL(`broken-${file}.yml`, FOLDER), 'utf8')
}

/** What a file is about; undefined where its name does not say it. */
export function brokenPart(file: string): BrokenPart | undefined {
  const [word = ''] = file.split('-')
  return (Object.keys(ABOUT) as BrokenPart[]).find((part) => (ABOUT[part] as readonly string[]).includes(word))
}

/** A test per row, and one that no file about `part` is without a row. */
export function describeBroken(part: BrokenPart, rows: readonly BrokenRow[]): void {
  describe(`broken realms.yml files: ${part}`, () => {
    for (const [file, line, column, path, message, hint] of rows) {
      it(`${file}: line ${line}, column ${column}: ${hint}`, () => {
        const name = `broken-${file}.yml`
        const checked = checkConfig(brokenText(file), name)
        assert.ok(!checked.ok, 'the file was taken')
        const [first] = checked.problems
        assert.deepEqual(
          { line: first.line, column: first.column, path: first.path, message: first.message, hint: first.hint },
          { line, column, path, message, hint },
        )
        assert.equal(first.where, `${name}:${line}:${column}`)
      })
    }

    it('have a row each', () => {
      const files = brokenFiles().filter((file) => brokenPart(file) === part)
      assert.deepEqual(files.toSorted(), rows.map(([file]) => file).toSorted())
    })
  })
}
