/**
 * YAML text to plain values, with the place of every key and value. Stricter than the library: one document, core
 * schema, no merge keys, no custom tags, keys are text, and neither depth nor aliases can make a small file large.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
import { type ConfigPath, formatPath } from '../config-path.ts'
import { syntaxFaults } from './yaml-words.ts'

/** Deepest nesting; the schema's own deepest path has seven steps. */
const MAX_DEPTH = 16

/** Most values after aliases are followed: what ends an alias bomb. A real file has hundreds. */
const MAX_NODES = 50_000

/** Most brackets that are open at once, before parsing. */
const MAX_BRACKETS = 100

/** A list in a list in a list, all on one line. */
const COMPACT_NESTING = /^\s*(?:[-?]\s+){33}/

export interface Position {
  readonly line: number
  readonly column: number
}

export interface YamlProblem {
  readonly at: Position
  readonly path: string
  readonly message: string
  readonly hint?: string
}

export interface YamlValue {
  /** Maps without entries for keys that were refused; an empty value is `undefined`, so that defaults fill it. */
  readonly value: unknown
  readonly problems: readonly YamlProblem[]
  /** Where the key (or the value, without a key) at a formatted path stands. */
  readonly keys: ReadonlyMap<string, Position>
  readonly values: ReadonlyMap<string, Position>
}

/** Reads `text`. Never throws: what is wrong is among the problems. */
export function readYaml(text: string): YamlValue {
  const lines = new LineCounter()
  const reader = new Reader(lines)
  const tooDeep = firstTooDeep(text)
  if (tooDeep !== undefined) {
    reader.refuse(0, [], `line ${tooDeep} is nested too deep`, 'no section of realms.yml needs more than seven levels')
    return reader.finish(undefined)
  }
  try {
    const document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      merge: false,
      uniqueKeys: false, // The library compares each key with all others; the reader keeps a set.
      prettyErrors: false,
      lineCounter: lines,
      stringKeys: false,
    })
    for (const { offset, message, hint } of syntaxFaults(text, document)) reader.refuse(offset, [], message, hint)
    return reader.finish(document.errors.length > 0 ? undefined : reader.read(document.contents))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    reader.refuse(0, [], `nested deeper than ${MAX_DEPTH} levels`)
    return reader.finish(undefined)
  }
}

class Reader {
  readonly #lines: LineCounter
  readonly #problems: YamlProblem[] = []
  readonly #keys = new Map<string, Position>()
  readonly #values = new Map<string, Position>()
  readonly #anchors = new Map<string, Node>()
  #nodes = 0
  #exhausted = false

  constructor(lines: LineCounter) {
    this.#lines = lines
  }

  read(contents: Node | null): unknown {
    return this.#value(contents, [], 0)
  }

  finish(value: unknown): YamlValue {
    return { value, problems: this.#problems, keys: this.#keys, values: this.#values }
  }

  refuse(offset: number, path: ConfigPath, message: string, hint?: string): void {
    const problem = { at: this.#position(offset), path: formatPath(path), message }
    this.#problems.push(hint === undefined ? problem : { ...problem, hint })
  }

  #value(node: Node | null, path: ConfigPath, depth: number, alias?: number): unknown {
    const offset = alias ?? node?.range?.[0] ?? 0
    if (this.#isTooMuch(offset, path, depth)) return undefined
    this.#values.set(formatPath(path), this.#position(offset))
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source)
      if (target !== undefined) return this.#value(target, path, depth + 1, offset)
      this.refuse(offset, path, `there is no anchor &${node.source}`, 'quote a value that begins with *')
      return undefined
    }
    if (node?.anchor !== undefined) this.#anchors.set(node.anchor, node)
    if (isMap<Node, Node | null>(node)) return this.#map(node.items, path, depth, alias)
    if (isSeq<Node>(node)) return node.items.map((item, i) => this.#value(item, [...path, i], depth + 1, alias))
    return isScalar(node) ? (node.value ?? undefined) : undefined
  }

  #map(items: readonly Pair<Node, Node | null>[], path: ConfigPath, depth: number, alias?: number): object {
    const map: Record<string, unknown> = {}
    for (const { key, value } of items) {
      const name = this.#key(key, path)
      if (name === undefined) continue
      if (Object.hasOwn(map, name)) {
        this.refuse(key.range?.[0] ?? 0, [...path, name], 'the same key stands here twice', 'keep one of the two')
        continue
      }
      const below = [...path, name]
      this.#keys.set(formatPath(below), this.#position(alias ?? key.range?.[0] ?? 0))
      map[name] = this.#value(value, below, depth + 1, alias)
    }
    return map
  }

  /** The key as text; undefined, with a problem, when it is none that we take. */
  #key(key: Node, path: ConfigPath): string | undefined {
    const offset = key.range?.[0] ?? 0
    const value: unknown = isScalar(key) ? key.value : undefined
    if (typeof value !== 'string') {
      const source = isScalar(key) ? key.source : undefined
      const read = typeof value === 'number' ? `the number ${value}` : 'no text'
      const shown = source === undefined ? 'a key' : `the key ${source}`
      this.refuse(offset, path, `${shown} is read as ${read}`, `put it in quotes: "${source ?? '…'}"`)
      return undefined
    }
    if (value === '<<') {
      this.refuse(offset, path, 'merge keys (<<) are off', 'write the keys out')
      return undefined
    }
    if (value === '__proto__' || value === 'constructor' || value === 'prototype') {
      this.refuse(offset, path, `${value} cannot be a key`, 'choose another name')
      return undefined
    }
    return value
  }

  #isTooMuch(offset: number, path: ConfigPath, depth: number): boolean {
    this.#nodes += 1
    if (this.#exhausted) return true
    if (depth <= MAX_DEPTH && this.#nodes <= MAX_NODES) return false
    this.#exhausted = true
    const what = depth > MAX_DEPTH ? `nested deeper than ${MAX_DEPTH} levels` : `more than ${MAX_NODES} values`
    this.refuse(offset, path.slice(0, 3), `${what} once aliases are followed`, 'write the file without aliases')
    return true
  }

  #position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
}

/**
 * The first line that no real file has: the parser calls itself per level, and a megabyte of brackets ends the whole
 * process. Brackets in texts are counted too; no real file opens that many.
 */
function firstTooDeep(text: string): number | undefined {
  let depth = 0
  for (const [i, line] of text.split('\n').entries()) {
    if (COMPACT_NESTING.test(line)) return i + 1
    for (const [bracket] of line.replace(/(^|\s)#.*/, '').matchAll(/[[\]{}]/g)) {
      depth = bracket === '[' || bracket === '{' ? depth + 1 : Math.max(0, depth - 1)
      if (depth > MAX_BRACKETS) return i + 1
    }
  }
  return undefined
}
