/**
 * The walls of the house. Each folder may import only what is listed here, `import type` included, and no file takes part in an
 * import cycle. The reasons are in ARCHITECTURE.md.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Folder to the folders it may import. What is not listed is forbidden. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  storage: ['core'],
  protocols: ['core'],
  workers: ['core'],
  discovery: ['core', 'protocols'],
  node: ['core', 'storage', 'protocols', 'workers', 'discovery'],
  gateway: ['core', 'node'],
  bin: ['core', 'node', 'gateway'],
}

/** Packages that a folder must never import: core does no I/O, and only some layers know of libp2p, HTTP or disks. */
const MUST_NOT_USE: Readonly<Record<string, RegExp>> = {
  core: /^(libp2p|@libp2p\/|@chainsafe\/|fastify|undici|level|node:(fs|net|http|https|child_process))/,
  storage: /^(libp2p|@libp2p\/|@chainsafe\/|fastify|undici)/,
  workers: /^(libp2p|@libp2p\/|@chainsafe\/|fastify|level)/,
  gateway: /^(libp2p|@libp2p\/|@chainsafe\/|level)/,
}

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g

interface SourceFile {
  readonly folder: string
  readonly path: string
  readonly imports: readonly string[]
}

function sources(): readonly SourceFile[] {
  return Object.keys(MAY_IMPORT)
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
        .map((entry) => {
          const path = relative(ROOT, join(entry.parentPath, entry.name))
          const text = readFileSync(join(ROOT, path), 'utf8')
          return { folder, path, imports: [...text.matchAll(IMPORT)].map((match) => match[1] ?? '') }
        }),
    )
}

/** The file that a relative import names, from the root of the project; undefined for a package. */
function target(file: SourceFile, specifier: string): string | undefined {
  return specifier.startsWith('.') ? normalize(join(dirname(file.path), specifier)) : undefined
}

/** Groups of files that import each other in a circle (Tarjan's strongly connected components). */
function cycles(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const onStack = new Set<string>()
  const stack: string[] = []
  const found: string[][] = []
  const visit = (node: string): void => {
    index.set(node, index.size)
    low.set(node, index.get(node) ?? 0)
    stack.push(node)
    onStack.add(node)
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next)
      if (onStack.has(next)) low.set(node, Math.min(low.get(node) ?? 0, low.get(next) ?? 0))
    }
    if (low.get(node) !== index.get(node)) return
    const group: string[] = []
    for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
      onStack.delete(member)
      group.push(member)
      if (member === node) break
    }
    if (group.length > 1 || (graph.get(node) ?? []).includes(node)) found.push(group)
  }
  for (const node of graph.keys()) if (!index.has(node)) visit(node)
  return found
}

describe('architecture', () => {
  const files = sources()

  for (const [folder, allowed] of Object.entries(MAY_IMPORT)) {
    it(`${folder}/ imports only ${allowed.join(', ') || 'itself'}`, () => {
      for (const file of files.filter((candidate) => candidate.folder === folder)) {
        for (const specifier of file.imports) {
          const top = target(file, specifier)?.split(sep)[0]
          if (top === undefined || top === folder) continue
          assert.ok(allowed.includes(top), `${file.path} must not import ${top}/ (${specifier})`)
        }
      }
    })
  }

  for (const [folder, forbidden] of Object.entries(MUST_NOT_USE)) {
    it(`${folder}/ stays away from what belongs to other layers`, () => {
      for (const file of files.filter((candidate) => candidate.folder === folder)) {
        for (const specifier of file.imports) assert.doesNotMatch(specifier, forbidden, file.path)
      }
    })
  }

  it('has no import cycle, type imports included', () => {
    const graph = new Map(
      files.map((file) => [file.path, file.imports.flatMap((specifier) => target(file, specifier) ?? [])]),
    )
    assert.deepEqual(cycles(graph), [])
  })

  it('notices a cycle when there is one', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ])
    assert.deepEqual(cycles(graph), [['c', 'b']])
  })

  it('uses erasable TypeScript only: no barrels named index.ts', () => {
    assert.deepEqual(
      files.map((file) => file.path).filter((path) => path.endsWith(`${sep}index.ts`)),
      [],
    )
  })
})
