/** A topology file to a topology; what is wrong with it is told as with realms.yml: line, column, what to do. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { type ConfigPath, formatPath } from '../../../config/config-path.ts'
import { type ConfigProblem, describeProblem } from '../../../config/file/config-problem.ts'
import { explainIssue, type SchemaIssue } from '../../../config/file/explain-issue.ts'
import { type Position, readYaml, type YamlValue } from '../../../config/yaml/read-yaml.ts'
import { defined } from '../../../core/defined.ts'
import { valueAt } from '../../../core/json/value-at.ts'
import { didYouMean } from '../../../core/nearest.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { ruleBreaches } from './topology-rules.ts'
import { type Topology, topologySchema } from './topology-schema.ts'

/** A file of this size is none that a person wrote. */
const MAX_TOPOLOGY_BYTES = 256 * 1_024

/** Reads the file. Throws `CONFIG_INVALID`; `USAGE` when it cannot be read. */
export async function readTopologyFile(path: string): Promise<Topology> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new RealmeshError('USAGE', `${path}: the topology cannot be read`, {
      fix: 'name a file that exists; deploy/topologies has examples',
      cause,
    })
  }
  return readTopology(text, path)
}

/** From text that is called `name` in errors. Throws `CONFIG_INVALID` for the first thing that is wrong. */
export function readTopology(text: string, name: string): Topology {
  if (text.length > MAX_TOPOLOGY_BYTES) {
    throw new RealmeshError('CONFIG_INVALID', `${name}: larger than ${MAX_TOPOLOGY_BYTES} bytes`, {
      fix: 'write fewer nodes and faults',
    })
  }
  const yaml = readYaml(text)
  if (yaml.problems.length > 0) throw firstOf(yaml.problems, name)
  const root = yaml.value ?? {}
  const parsed = topologySchema.safeParse(root)
  if (!parsed.success)
    throw firstOf(
      parsed.error.issues.flatMap((issue) => complaintsOf(issue, root, yaml)),
      name,
    )
  const breaches = ruleBreaches(parsed.data)
  if (breaches.length === 0) return parsed.data
  const placed = breaches.map(({ path, message, hint }) => ({
    at: positionOf(yaml, path, false),
    path: formatPath(path),
    message,
    ...defined({ hint }),
  }))
  throw firstOf(placed, name)
}

interface Placed {
  readonly at: Position
  readonly path: string
  readonly message: string
  readonly hint?: string
}

function complaintsOf(issue: SchemaIssue, root: unknown, yaml: YamlValue): readonly Placed[] {
  const path = issue.path as ConfigPath
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      at: positionOf(yaml, [...path, key], true),
      path: formatPath([...path, key]),
      message: 'unknown key',
      hint: keyHint(key, path),
    }))
  }
  return explainIssue(issue, valueAt(root, path)).map(({ path, atKey, message, hint }) => ({
    at: positionOf(yaml, path, atKey),
    path: formatPath(path),
    message,
    ...defined({ hint }),
  }))
}

/** The place of the path, or, for what is missing, of the nearest section around it that is there. */
function positionOf(yaml: YamlValue, path: ConfigPath, atKey: boolean): Position {
  const exact = formatPath(path)
  const here = atKey ? yaml.keys.get(exact) : yaml.values.get(exact)
  if (here !== undefined) return here
  for (let length = path.length; length > 0; length -= 1) {
    const around = formatPath(path.slice(0, length))
    const position = yaml.keys.get(around) ?? yaml.values.get(around)
    if (position !== undefined) return position
  }
  return { line: 1, column: 1 }
}

function firstOf(problems: readonly Placed[], name: string): RealmeshError {
  const [first, ...rest] = problems.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
  if (first === undefined) throw new TypeError('a refused topology has a problem')
  const { at, path, message, hint } = first
  const where = `${name}:${at.line}:${at.column}`
  const problem: ConfigProblem = { where, path, message, code: 'CONFIG_INVALID' }
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`
  return new RealmeshError('CONFIG_INVALID', `${describeProblem(problem)}${more}`, {
    fix: hint ?? 'docs/topologies.md lists every key with its values',
  })
}

interface JsonNode {
  readonly properties?: Readonly<Record<string, JsonNode>>
  readonly items?: JsonNode
  readonly additionalProperties?: JsonNode | boolean
}

/** What the author of an unknown key meant, or what may stand there. */
function keyHint(key: string, path: ConfigPath): string {
  let node: JsonNode | undefined = z.toJSONSchema(topologySchema, { unrepresentable: 'any' }) as JsonNode
  for (const segment of path) {
    const other: JsonNode | undefined =
      typeof node?.additionalProperties === 'object' ? node.additionalProperties : undefined
    node = typeof segment === 'number' ? node?.items : (node?.properties?.[segment] ?? other)
  }
  const known = Object.keys(node?.properties ?? {})
  return didYouMean(key, known) ?? `remove it; known here: ${known.join(', ')}`
}
