/**
 * One value of a realms.yml, named by its path and written as YAML, as people type both at a command line. Pure: text
 * in, text out.
 */

import { nearestOnes } from '../../core/nearest.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { type ConfigPath, formatPath, parsePath } from '../config-path.ts'
import { isListAt, knownKeys, nearKey } from '../file/known-keys.ts'
import { editText } from './edit-text.ts'
import { setAt } from './edits.ts'
import { parseText } from './yaml-text.ts'

/** The path that `text` names. Throws `USAGE`. */
export function requirePath(text: string): ConfigPath {
  const path = parsePath(text)
  if (path !== undefined) return path
  throw new RealmeshError('USAGE', `${text} is not a path`, {
    fix: 'write it like node.http or realms.$CHAT.limits.seconds',
  })
}

/** Keys that are named where none is so near that it was meant, most likely. */
const MAX_NEAR_KEYS = 5

/** Throws `BAD_REQUEST` where the schema has no such key; its fix names the nearest. */
export function assertKnownPath(path: ConfigPath): void {
  for (const [depth, key] of path.entries()) {
    const above = path.slice(0, depth)
    const known = knownKeys(above)
    if (typeof key !== 'string' || known.length === 0 || known.includes(key)) continue
    const nearest = nearestOnes(key, known, MAX_NEAR_KEYS).join(', ')
    throw new RealmeshError('BAD_REQUEST', `there is no key ${formatPath([...above, key])}`, {
      fix: nearKey(key, above)?.hint ?? `the nearest keys there: ${nearest}; docs/config.md lists all`,
    })
  }
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
  return new RealmeshError('USAGE', `there is no value at ${formatPath(path)}`, {
    fix: hint ?? (siblings.length === 0 ? 'realmesh config show lists all' : `known there: ${siblings.join(', ')}`),
  })
}

/**
 * `text` with `value`, written as YAML, at `path`, and everything else as it was; `null` takes out what stands there.
 * Where no file was, a new one begins. Throws `CONFIG_INVALID` (or `BAD_MULTIADDR`) when the file would not be valid
 * afterwards, also when it was not valid before; `name` stands in the message.
 */
export function setValue(text: string, path: ConfigPath, value: string, name: string): string {
  return editText(text, setAt(path, typedValue(path, value)), name)
}

/** What `text` means at `path`: YAML; one word where a list stands is a list of one. Throws `USAGE`. */
export function typedValue(path: ConfigPath, text: string): unknown {
  const { errors, contents } = parseText(isListAt(path) && !/^\s*[[-]/.test(text) ? `[${JSON.stringify(text)}]` : text)
  if (errors.length === 0) return contents?.toJSON() ?? undefined
  throw new RealmeshError('USAGE', `${text} is not YAML`, { fix: 'put the value in single quotes for the shell' })
}
