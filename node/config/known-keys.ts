/** Which keys the schema knows, and which of them a mistyped one was meant to be. */
import { closest, distance } from 'fastest-levenshtein'
import { type ConfigPath, formatPath } from './config-path.ts'
import { configJsonSchema } from './file-schema.ts'

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: SchemaNode | boolean
  readonly items?: SchemaNode
}

/** What one would do about an unknown `key` at `path`; undefined when nothing is near. */
export function hintForKey(key: string, path: ConfigPath): string | undefined {
  const near = nearest(key, knownKeys(path))
  if (near !== undefined) return `did you mean ${near}?`
  const place = placesOf(key)[0]
  return place === undefined ? undefined : `${key} belongs under ${place}`
}

/** The candidate that `word` was most likely meant to be; undefined when all are too far. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined
  const exact = candidates.find((candidate) => folded(candidate) === folded(word))
  if (exact !== undefined) return exact
  const best = closest(word, [...candidates])
  // A third of the letters may be wrong, two at least: enough for typing errors, too little for other words.
  return distance(word, best) <= Math.max(2, Math.floor(word.length / 3)) ? best : undefined
}

/** Keys that may stand at `path`; empty where any key may. */
export function knownKeys(path: ConfigPath): readonly string[] {
  let node: SchemaNode | undefined = configJsonSchema() as SchemaNode
  for (const segment of path) node = child(node, segment)
  return Object.keys(node?.properties ?? {})
}

function child(node: SchemaNode | undefined, segment: string | number): SchemaNode | undefined {
  if (typeof segment === 'number') return node?.items
  const other = node?.additionalProperties
  return node?.properties?.[segment] ?? (typeof other === 'object' ? other : undefined)
}

/** Sections that know `key`, nearest to the root first. */
function placesOf(key: string): readonly string[] {
  const found: string[] = []
  const visit = (node: SchemaNode | undefined, path: ConfigPath): void => {
    if (node === undefined) return
    for (const [name, below] of Object.entries(node.properties ?? {})) {
      if (name === key && path.length > 0) found.push(formatPath(path))
      visit(below, [...path, name])
    }
    if (typeof node.additionalProperties === 'object') visit(node.additionalProperties, [...path, 'NAME'])
    visit(node.items, [...path, 0])
  }
  visit(configJsonSchema() as SchemaNode, [])
  return found.sort((a, b) => a.length - b.length)
}

/** `maxWorkers`, `max-workers` and `max_workers` are the same word. */
function folded(word: string): string {
  return word.toLowerCase().replaceAll(/[_-]/g, '')
}
