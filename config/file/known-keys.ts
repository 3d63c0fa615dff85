/** Which keys the schema knows, and which of them a mistyped one was meant to be. */

import { nearest } from '../../core/nearest.ts'
import { type ConfigPath, formatPath } from '../config-path.ts'
import { configJsonSchema } from '../schema/file-schema.ts'

const SECRET_HINT = 'secrets never stand in this file: name a variable with key_env, or a file with key_file'

/** Keys that a hint lists. */
const MAX_LISTED = 12

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: SchemaNode | boolean
  readonly items?: SchemaNode
}

/** What its author would do about an unknown key. */
export interface KeyHint {
  readonly hint?: string
  /** The key that was meant, most likely. */
  readonly meant?: string
}

/** About an unknown `key` that stands at `path`; empty where any key may stand. */
export function hintForKey(key: string, path: ConfigPath): KeyHint {
  const near = nearKey(key, path)
  if (near !== undefined) return near
  const known = knownKeys(path)
  return known.length === 0 ? {} : { hint: `remove it; known here: ${known.slice(0, MAX_LISTED).join(', ')}` }
}

/** Which key was meant by `key` at `path`, or where it belongs; undefined when nothing is near. */
export function nearKey(key: string, path: ConfigPath): KeyHint | undefined {
  if (/^(api_?key|key|token|secret|password)$/i.test(key)) return { hint: SECRET_HINT }
  const meant = nearest(key, knownKeys(path))
  if (meant !== undefined) return { meant, hint: `did you mean ${meant}?` }
  const place = placesOf(key)[0]
  return place === undefined ? undefined : { hint: `${key} belongs under ${place}` }
}

/** Keys that may stand at `path`; empty where any key may. */
export function knownKeys(path: ConfigPath): readonly string[] {
  return Object.keys(schemaAt(path)?.properties ?? {})
}

/** Whether a list stands at `path`. */
export function isListAt(path: ConfigPath): boolean {
  return schemaAt(path)?.items !== undefined
}

function schemaAt(path: ConfigPath): SchemaNode | undefined {
  let node: SchemaNode | undefined = configJsonSchema() as SchemaNode
  for (const segment of path) node = child(node, segment)
  return node
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
