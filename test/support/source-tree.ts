/**
 * The sources as the architecture tests see them: files with what they import, the folders they lie in, and circles in
 * a graph.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative, sep } from 'node:path'
import { ROOT } from './markdown.ts'

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g

export interface SourceFile {
  /** From the root of the project. */
  readonly path: string
  readonly text: string
  /** Packages, and files of the project by their path from its root. */
  readonly imports: readonly string[]
}

/** Every TypeScript file below the given folders; generated ones are included. */
export function sourceFiles(folders: readonly string[]): readonly SourceFile[] {
  return folders
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => sourceFile(relative(ROOT, join(entry.parentPath, entry.name))))
}

function sourceFile(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const imports = [...text.matchAll(IMPORT)].map(([, specifier = '']) =>
    specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : specifier,
  )
  return { path, text, imports }
}

export function topFolder(path: string): string {
  return path.split(sep)[0] ?? path
}

/** Files per folder, subfolders not counted. */
export function filesByFolder(files: readonly SourceFile[]): ReadonlyMap<string, readonly string[]> {
  const folders = new Map<string, string[]>()
  for (const { path } of files) folders.set(dirname(path), [...(folders.get(dirname(path)) ?? []), path])
  return folders
}

/**
 * Arrows between folders: for each import, from and to the outermost folders in which the two files part. A folder's
 * own files are a room of their own beside its subfolders: they are either below all of them or above.
 */
export function folderGraph(files: readonly SourceFile[]): ReadonlyMap<string, readonly string[]> {
  const known = new Set(files.map(({ path }) => path))
  const graph = new Map<string, Set<string>>()
  for (const { path, imports } of files) {
    for (const target of imports.filter((candidate) => known.has(candidate))) {
      const [from, to] = partingFolders(path, target)
      if (from === to) continue
      graph.set(from, (graph.get(from) ?? new Set()).add(to))
      if (!graph.has(to)) graph.set(to, new Set())
    }
  }
  return new Map([...graph].map(([from, to]) => [from, [...to]]))
}

function partingFolders(from: string, to: string): readonly [string, string] {
  const one = dirname(from).split(sep)
  const two = dirname(to).split(sep)
  let shared = 0
  while (shared < one.length && shared < two.length && one[shared] === two[shared]) shared += 1
  return [one.slice(0, shared + 1).join(sep), two.slice(0, shared + 1).join(sep)]
}

/** Groups of nodes that reach each other in a circle (Tarjan's strongly connected components). */
export function circles(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
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
