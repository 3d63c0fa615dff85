/**
 * Changes one value of a realms.yml and keeps everything else as it is: comments, order, quotes. Pure: text in, text
 * out.
 */
import { type Document, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { type ConfigPath, formatPath, parsePath, valueAt } from '../config-path.ts'
import { DEFAULT_REALMS } from '../schema/file-schema.ts'
import { readYaml } from '../yaml/read-yaml.ts'
import { checkConfig } from './check-config.ts'
import { problemsError } from './config-problem.ts'
import { isListAt, knownKeys, nearKey } from './known-keys.ts'

/** The path that `text` names. Throws `USAGE`. */
export function requirePath(text: string): ConfigPath {
  const path = parsePath(text)
  if (path !== undefined) return path
  throw new RealmeshError('USAGE', `${text} is not a path`, {
    fix: 'write it like node.http or realms.$CHAT.limits.seconds',
  })
}

/** The error for a path at which nothing can stand. */
export function unknownPath(path: ConfigPath): RealmeshError {
  const last = path.at(-1)
  const siblings = knownKeys(path.slice(0, -1))
  if (typeof last === 'string' && siblings.includes(last)) {
    return new RealmeshError('USAGE', `${formatPath(path)} is not set`, {
      fix: `realmesh config set ${formatPath(path)} VALUE sets it; docs/config.md says what it is without`,
    })
  }
  const hint = typeof last === 'string' ? nearKey(last, path.slice(0, -1))?.hint : undefined
  const known = siblings
  return new RealmeshError('USAGE', `there is no value at ${formatPath(path)}`, {
    fix: hint ?? (known.length === 0 ? 'realmesh config show lists all' : `known there: ${known.join(', ')}`),
  })
}

/**
 * `text` with `value`, written as YAML, at `path`. Where no file was, a new one begins. Throws `CONFIG_INVALID` (or
 * `BAD_MULTIADDR`) when the file would not be valid afterwards, also when it was not valid before; `name` stands in the
 * message.
 */
export function setValue(text: string, path: ConfigPath, value: string, name: string): string {
  const document = parseDocument(text, { version: '1.2', schema: 'core', merge: false })
  const written = isListAt(path) && !/^\s*[[-]/.test(value) ? `[${JSON.stringify(value)}]` : value
  const parsed = parseDocument(written, { version: '1.2', schema: 'core', merge: false })
  if (parsed.errors.length > 0) {
    throw new RealmeshError('USAGE', `${value} is not YAML`, { fix: 'put the value in single quotes for the shell' })
  }
  const edited =
    document.errors.length > 0 ? text : (spliced(text, document, path, parsed, written) ?? put(document, path, parsed))
  const checked = checkConfig(edited, name)
  if (!checked.ok) throw problemsError(checked.problems)
  return edited
}

/** A scalar over a scalar leaves every other byte as it is; undefined when that would not read as the same value. */
function spliced(
  text: string,
  document: Document,
  path: ConfigPath,
  fresh: Document,
  value: string,
): string | undefined {
  const existing = document.getIn(path, true)
  if (!isScalar(existing) || !isScalar(fresh.contents) || existing.range == null || value.includes('\n'))
    return undefined
  const [from, to] = existing.range
  if (from === to) return undefined
  const edited = `${text.slice(0, from)}${value.trim()}${text.slice(to)}`
  const { value: read, problems } = readYaml(edited)
  return problems.length === 0 && valueAt(read, path) === fresh.contents.value ? edited : undefined
}

/** Through the document: what is around keeps its comments, though not its blanks. */
function put(document: Document, path: ConfigPath, { contents }: Document): string {
  if (document.contents === null) document.contents = document.createNode({}) as never
  if (path[0] === 'realms' && document.get('realms') == null) {
    // A file that names realms has no others: what stood there without a word is written down first.
    document.set('realms', document.createNode(structuredClone(DEFAULT_REALMS)))
  }
  clearEmptySections(document, path)
  document.setIn(path, isMap(contents) || isSeq(contents) ? contents : isScalar(contents) ? contents.value : null)
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

/** A section that is written but empty (`node:`) becomes a map, so that a key can be put into it. */
function clearEmptySections(document: Document, path: ConfigPath): void {
  for (let length = 1; length < path.length; length += 1) {
    const around = document.getIn(path.slice(0, length), true)
    if (isScalar(around) && around.value === null) document.deleteIn(path.slice(0, length))
  }
}
