/** One text of realms.yml, and the layers over it, checked as a whole. Pure: no file is read here. */
import { defined } from '../../core/defined.ts'
import { valueAt } from '../../core/json/value-at.ts'
import { type ConfigPath, formatPath } from '../config-path.ts'
import { type ConfigFile, fileSchema } from '../schema/file-schema.ts'
import { type Position, readYaml, type YamlValue } from '../yaml/read-yaml.ts'
import type { ConfigProblem } from './config-problem.ts'
import { crossCheck } from './cross-check.ts'
import { type Complaint, explainIssue, type SchemaIssue, wantsQuotes } from './explain-issue.ts'
import type { Overlay } from './settings.ts'

/** Problems that are told at once; a file with more is of another kind. */
const MAX_PROBLEMS = 50

/** Where a value of the configuration came from. */
export interface Origin {
  readonly source: 'flag' | 'env' | 'file' | 'default'
  /** The flag, the variable, or `FILE:LINE:COLUMN`; empty for a default. */
  readonly where: string
}

export type CheckResult =
  | { readonly ok: true; readonly file: ConfigFile; readonly origins: ReadonlyMap<string, Origin> }
  | { readonly ok: false; readonly problems: readonly [ConfigProblem, ...ConfigProblem[]] }

/** Checks `text`, called `name` in messages, with `layers` laid over it. */
export function checkConfig(text: string, name: string, layers: readonly Overlay[] = []): CheckResult {
  const yaml = readYaml(text)
  const places = new ValuePlaces(yaml, name, layers)
  if (yaml.problems.length > 0) return refused(yaml.problems.map((problem) => places.fromYaml(problem)))
  const merged = overlay(yaml.value ?? {}, layers)
  const parsed = fileSchema.safeParse(merged)
  const complaints = parsed.success ? crossCheck(parsed.data) : withoutEchoes(explainAll(parsed.error.issues, merged))
  if (!parsed.success || complaints.length > 0) return refused(complaints.map((complaint) => places.locate(complaint)))
  return { ok: true, file: parsed.data, origins: places.origins(parsed.data) }
}

/**
 * A number where text is expected may want more than quotes: then it is told what its text lacks (`http: 5050` lacks a
 * host).
 */
function explainAll(issues: readonly SchemaIssue[], root: unknown): readonly Complaint[] {
  const bare = issues.filter((issue) => wantsQuotes(issue, valueAt(root, pathOf(issue))))
  const quoted = bare.reduce((value, issue) => {
    return withValue(value, pathOf(issue), String(valueAt(root, pathOf(issue))))
  }, root)
  const left = bare.length === 0 ? [] : (fileSchema.safeParse(quoted).error?.issues ?? [])
  return issues.flatMap((issue) => {
    const at = formatPath(pathOf(issue))
    const told = bare.includes(issue) ? (left.find((other) => formatPath(pathOf(other)) === at) ?? issue) : issue
    return explainIssue(told, valueAt(root, pathOf(issue)))
  })
}

function pathOf(issue: SchemaIssue): ConfigPath {
  return issue.path as ConfigPath
}

/** A key that is missing because it was mistyped is told once, and no value is complained about twice. */
function withoutEchoes(complaints: readonly Complaint[]): readonly Complaint[] {
  const mistyped = complaints.flatMap(({ path, meant }) => {
    return meant === undefined ? [] : [formatPath([...path.slice(0, -1), meant])]
  })
  const told = new Set<string>()
  return complaints.filter(({ path, missing }) => {
    const at = formatPath(path)
    if (told.has(at) || (missing === true && mistyped.includes(at))) return false
    told.add(at)
    return true
  })
}

/** Problems in the order of the file, so that the first one told is the first one met. */
function refused(problems: readonly ConfigProblem[]): CheckResult {
  const ordered = [...problems].sort(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0) || (a.path < b.path ? -1 : 1),
  )
  const [first, ...rest] = ordered
  if (first === undefined) throw new TypeError('a refused configuration has a problem')
  return { ok: false, problems: [first, ...rest.slice(0, MAX_PROBLEMS - 1)] }
}

/** `root` with every layer's values in their places; the parts that change are copied. */
function overlay(root: unknown, layers: readonly Overlay[]): unknown {
  return layers.reduce((value, layer) => withValue(value, layer.path, layer.value), root)
}

function withValue(root: unknown, path: ConfigPath, value: unknown): unknown {
  const [head, ...tail] = path
  if (head === undefined) return value
  if (root !== undefined && (typeof root !== 'object' || root === null || Array.isArray(root))) return root
  const map = (root ?? {}) as Record<string | number, unknown>
  return { ...map, [head]: withValue(map[head], tail, value) }
}

/** Knows where each value came from. */
class ValuePlaces {
  readonly #yaml: YamlValue
  readonly #name: string
  readonly #layers: ReadonlyMap<string, Overlay>

  constructor(yaml: YamlValue, name: string, layers: readonly Overlay[]) {
    this.#yaml = yaml
    this.#name = name
    this.#layers = new Map(layers.map((layer) => [formatPath(layer.path), layer]))
  }

  fromYaml(problem: YamlValue['problems'][number]): ConfigProblem {
    const { at, path, message, hint } = problem
    return { ...this.#inFile(at), path, message, code: 'CONFIG_INVALID', ...defined({ hint }) }
  }

  locate({ path, atKey, message, hint, code }: Complaint): ConfigProblem {
    const layer = this.#layerOf(path)
    const place = layer === undefined ? this.#inFile(this.#position(path, atKey)) : { where: layer.where }
    return { ...place, path: formatPath(path), message, code, ...defined({ hint }) }
  }

  /** The origin of every leaf: whatever is not a section with keys in it. */
  origins(file: ConfigFile): ReadonlyMap<string, Origin> {
    const origins = new Map<string, Origin>()
    const visit = (value: unknown, path: ConfigPath): void => {
      const isSection = typeof value === 'object' && value !== null && Object.keys(value).length > 0
      if (!isSection || isListOfWords(value)) {
        if (value !== undefined) origins.set(formatPath(path), this.#originOf(path))
        return
      }
      const entries = Array.isArray(value) ? value.entries() : Object.entries(value)
      for (const [key, below] of entries) visit(below, [...path, key])
    }
    visit(file, [])
    return origins
  }

  #originOf(path: ConfigPath): Origin {
    const layer = this.#layerOf(path)
    if (layer !== undefined) return { source: layer.source, where: layer.where }
    const at = this.#yaml.keys.get(formatPath(path)) ?? this.#yaml.values.get(formatPath(path))
    return at === undefined ? { source: 'default', where: '' } : { source: 'file', where: this.#inFile(at).where }
  }

  #layerOf(path: ConfigPath): Overlay | undefined {
    for (let length = path.length; length > 0; length -= 1) {
      const layer = this.#layers.get(formatPath(path.slice(0, length)))
      if (layer !== undefined) return layer
    }
    return undefined
  }

  /** The place of the path, or, for what is missing, of the nearest section around it that is there. */
  #position(path: ConfigPath, atKey: boolean): Position {
    const exact = formatPath(path)
    const here = atKey ? this.#yaml.keys.get(exact) : this.#yaml.values.get(exact)
    if (here !== undefined) return here
    for (let length = path.length; length > 0; length -= 1) {
      const around = formatPath(path.slice(0, length))
      const position = this.#yaml.keys.get(around) ?? this.#yaml.values.get(around)
      if (position !== undefined) return position
    }
    return { line: 1, column: 1 }
  }

  #inFile(at: Position): { where: string; line: number; column: number } {
    return { where: `${this.#name}:${at.line}:${at.column}`, line: at.line, column: at.column }
  }
}

function isListOfWords(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item !== 'object')
}
