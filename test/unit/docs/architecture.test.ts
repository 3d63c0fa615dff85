/** The pages about the tree are held against it: what they name exists, and what must be named is named. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { page, ROOT } from '../../support/markdown.ts'

const TEXT = page('ARCHITECTURE.md')

/** Rows of the only table of a page, as cells. */
function tableOf(path: string): readonly (readonly string[])[] {
  const rows = page(path)
    .split('\n')
    .filter((line) => line.startsWith('| '))
  return rows.slice(2).map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '')))
}

function packages(): readonly string[] {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = JSON.parse(
    page('package.json'),
  ) as Record<string, Record<string, string> | undefined>
  return [dependencies, devDependencies, optionalDependencies, peerDependencies].flatMap((part) =>
    Object.keys(part ?? {}),
  )
}

/** The expression that a constant is set to, without separators. */
function expressionOf(name: string, file: string): string | undefined {
  const source = readFileSync(join(ROOT, file), 'utf8')
  return new RegExp(`^(?:export )?const ${name}(?:: [A-Za-z]+)? = (.+)$`, 'm').exec(source)?.[1]?.replaceAll('_', '')
}

describe('docs/dependencies.md', () => {
  it('gives a reason for every direct dependency, and for nothing else', () => {
    const named = tableOf('docs/dependencies.md').flatMap(([cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    )
    assert.deepEqual([...named].sort(), [...new Set(packages())].sort())
  })
})

describe('ARCHITECTURE.md', () => {
  it('names only files and folders that exist', () => {
    const paths = [
      ...TEXT.matchAll(
        /`((?:bin|gateway|node|routing|discovery|protocols|workers|engines|storage|config|home|core|bench|scripts|test)\/[\w./-]*)`/g,
      ),
    ]
    const missing = paths.map(([, path = '']) => path).filter((path) => !existsSync(join(ROOT, path)))
    assert.ok(paths.length > 25)
    assert.deepEqual(missing, [])
  })

  it('is read in a quarter of an hour, and its changes can be read too', () => {
    const lines = TEXT.split('\n')
    assert.ok(lines.length <= 200, `${lines.length} lines`)
    const wide = lines.filter((line) => line.length > 120 && !line.startsWith('|'))
    assert.deepEqual(wide, [])
  })
})

describe('docs/limits.md', () => {
  it('lists limits as they are in the code', () => {
    const rows = tableOf('docs/limits.md')
    assert.ok(rows.length > 30)
    for (const [name = '', value = '', , file = ''] of rows) {
      const constant = name.replaceAll('`', '')
      assert.equal(expressionOf(constant, file.replaceAll('`', '')), value.replaceAll('`', ''), constant)
    }
  })
})
