/**
 * One name per idea: what is exported under a name means the same wherever that name is read. Two files that export the
 * same name, or a file that has a type or a constant of its own under an exported one's name, make a reader guess.
 */
import assert from 'node:assert/strict'
import { type SourceFile, sourceFiles, topFolder } from './support/source-tree.ts'

const LAYERS = [
  ...['core', 'home', 'config', 'storage', 'protocols', 'routing', 'engines', 'workers', 'discovery'],
  ...['node', 'gateway', 'bin'],
]
const GENERATED = /^\/\/ Generated from/
const DECLARATION =
  /^(export )?(?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm

/** Names that several files must export, by the layer in which, and why. */
const BY_CONTRACT: Readonly<Record<string, string>> = {
  // Each command is a file that is loaded when it is called, and then called by this name: see bin/command-table.ts.
  run: 'bin',
}

interface Declaration {
  readonly name: string
  readonly path: string
  readonly exported: boolean
}

/** What stands at the top level of a file. Overloads count once. */
function declarations({ path, text }: SourceFile): readonly Declaration[] {
  const byName = new Map<string, Declaration>()
  for (const [, prefix, name = ''] of text.matchAll(DECLARATION)) {
    byName.set(name, { name, path, exported: prefix !== undefined })
  }
  return [...byName.values()]
}

/** Names with more than one declaration of these, with their files. */
function shared(all: readonly Declaration[]): readonly string[] {
  const files = new Map<string, string[]>()
  for (const { name, path } of all) files.set(name, [...(files.get(name) ?? []), path])
  return [...files].filter(([, paths]) => paths.length > 1).map(([name, paths]) => `${name}: ${paths.join(', ')}`)
}

function isByContract({ name, path }: Declaration): boolean {
  return BY_CONTRACT[name] === topFolder(path)
}

/** Constants in capitals and types, against functions and local helpers, which are read where they stand. */
function isTypeOrConstant({ name }: Declaration): boolean {
  return /^[A-Z]/.test(name)
}

describe('names', () => {
  const files = sourceFiles(LAYERS).filter(({ text }) => !GENERATED.test(text))
  const all = files.flatMap(declarations).filter((declaration) => !isByContract(declaration))
  const exported = all.filter((declaration) => declaration.exported)

  it('are exported by one file each', () => {
    assert.deepEqual(shared(exported), [])
  })

  it('of exported types and constants are taken by no other file for its own', () => {
    const taken = new Set(exported.map(({ name }) => name))
    assert.deepEqual(shared(all.filter((each) => isTypeOrConstant(each) && taken.has(each.name))), [])
  })

  it('that two files share are noticed', () => {
    const file = (path: string, text: string): SourceFile => ({ path, text, imports: [] })
    const found = [
      file('a.ts', 'export const MAX = 1\nexport function f(): void\nexport function f(x?: number): void {}\n'),
      file('b.ts', 'const MAX = 2\nexport abstract class Lane {}\n'),
      file('c.ts', 'export interface Lane {}\n  const MAX = 3\n'),
    ].flatMap(declarations)
    assert.deepEqual(shared(found), ['MAX: a.ts, b.ts', 'Lane: b.ts, c.ts'])
  })
})
