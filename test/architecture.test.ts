/**
 * The walls and the rooms of the house. Each layer imports only what is listed here, `import type` included; no file
 * and no folder takes part in a circle; a folder holds some files, not a heap and not one. The reasons are in
 * ARCHITECTURE.md.
 */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { ROOT } from './support/markdown.ts'
import { circles, filesByFolder, folderGraph, type SourceFile, sourceFiles, topFolder } from './support/source-tree.ts'

/** Layer to the layers it may import. What is not listed is forbidden. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  home: ['core'],
  config: ['core', 'home'],
  storage: ['core', 'home'],
  protocols: ['core'],
  routing: ['core'],
  engines: ['core'],
  workers: ['core', 'engines'],
  discovery: ['core', 'protocols', 'routing'],
  node: ['core', 'home', 'config', 'storage', 'protocols', 'routing', 'engines', 'workers', 'discovery'],
  gateway: ['core', 'node'],
  bin: ['core', 'home', 'config', 'node', 'gateway'],
}

/** Layers that others may enter through these folders only. */
const DOORS: readonly { readonly from: string; readonly into: string; readonly through: string }[] = [
  { from: 'gateway', into: 'node', through: 'node/api' },
]

/** Packages that a layer must never import: core does no I/O, and only some layers know of libp2p, HTTP or disks. */
const MUST_NOT_USE: Readonly<Record<string, RegExp>> = {
  core: /^(libp2p|@libp2p\/|@chainsafe\/|fastify|undici|level|node:(fs|net|http|https|child_process))/,
  home: /^(libp2p$|@libp2p\/(?!crypto|interface|peer-id)|@chainsafe\/|fastify|undici|level)/,
  config: /^(libp2p|@chainsafe\/|fastify|undici|level)/,
  storage: /^(libp2p|@libp2p\/|@chainsafe\/|fastify|undici)/,
  routing: /^(libp2p|@libp2p\/|@chainsafe\/|fastify|undici|level|node:(fs|net|http|https|child_process))/,
  engines: /^(libp2p|@libp2p\/|@chainsafe\/|fastify|level)/,
  workers: /^(libp2p|@libp2p\/|@chainsafe\/|fastify|level)/,
  gateway: /^(libp2p|@libp2p\/|@chainsafe\/|level)/,
}

/** More files than this in one folder are a heap; the house has a dozen at most. */
const MAX_FILES_PER_FOLDER = 12
/** A longer file holds more than one idea. Generated files are not counted. */
const MAX_LINES = 300
const GENERATED = /^\/\/ Generated from/

function linesOf({ text }: SourceFile): number {
  return text.split('\n').length - 1
}

describe('architecture', () => {
  const files = sourceFiles(Object.keys(MAY_IMPORT))
  const written = files.filter(({ text }) => !GENERATED.test(text))

  for (const [layer, allowed] of Object.entries(MAY_IMPORT)) {
    it(`${layer}/ imports only ${allowed.join(', ') || 'itself'}`, () => {
      const breaches = files
        .filter(({ path }) => topFolder(path) === layer)
        .flatMap(({ path, imports }) => imports.map((target) => ({ path, target, top: topFolder(target) })))
        .filter(({ target, top }) => top in MAY_IMPORT && target.endsWith('.ts') && top !== layer)
        .filter(({ top }) => !allowed.includes(top))
        .map(({ path, target }) => `${path} must not import ${target}`)
      assert.deepEqual(breaches.toSorted(), [])
    })
  }

  for (const { from, into, through } of DOORS) {
    it(`${from}/ enters ${into}/ through ${through}/ only`, () => {
      const aside = files
        .filter(({ path }) => topFolder(path) === from)
        .flatMap(({ path, imports }) => imports.map((target) => ({ path, target })))
        .filter(({ target }) => topFolder(target) === into && !target.startsWith(`${through}${sep}`))
      assert.deepEqual(aside, [])
    })
  }

  for (const [layer, forbidden] of Object.entries(MUST_NOT_USE)) {
    it(`${layer}/ stays away from what belongs to other layers`, () => {
      for (const file of files.filter(({ path }) => topFolder(path) === layer)) {
        for (const target of file.imports) assert.doesNotMatch(target, forbidden, file.path)
      }
    })
  }

  it('has no circle of files, type imports included', () => {
    assert.deepEqual(circles(new Map(files.map(({ path, imports }) => [path, imports]))), [])
  })

  it('has no circle of folders: between two rooms imports go one way', () => {
    assert.deepEqual(circles(folderGraph(files)), [])
  })

  it('has no heap: a folder holds a dozen files at most', () => {
    const heaps = [...filesByFolder(files)].filter(([, inside]) => inside.length > MAX_FILES_PER_FOLDER)
    assert.deepEqual(
      heaps.map(([folder]) => folder),
      [],
    )
  })

  it('has no detour: no folder holds a single file and nothing else', () => {
    const detours = [...filesByFolder(files).keys()].filter((folder) => readdirSync(join(ROOT, folder)).length === 1)
    assert.deepEqual(detours, [])
  })

  it(`has no file above ${MAX_LINES} lines`, () => {
    const long = written.filter((file) => linesOf(file) > MAX_LINES)
    assert.deepEqual(long.map(({ path }) => path).toSorted(), [])
  })

  it('notices a circle when there is one', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ])
    assert.deepEqual(circles(graph), [['c', 'b']])
    const file = (path: string, ...imports: string[]): SourceFile => ({ path, text: '', imports })
    const two = [file('x/a/1.ts', 'x/b/2.ts'), file('x/b/2.ts'), file('x/b/3.ts', 'x/a/4.ts'), file('x/a/4.ts')]
    assert.deepEqual(circles(new Map(two.map(({ path, imports }) => [path, imports]))), [])
    assert.deepEqual(
      circles(folderGraph(two)).map((group) => [...group].sort()),
      [['x/a', 'x/b']],
    )
  })

  it('uses no barrels named index.ts', () => {
    assert.deepEqual(
      files.map(({ path }) => path).filter((path) => path.endsWith(`${sep}index.ts`)),
      [],
    )
  })
})
