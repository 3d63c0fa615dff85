/** A complaint of zod's as one sentence with a hint. The place is added by whoever knows where the value came from. */
import type { z } from 'zod'
import type { ConfigPath } from './config-path.ts'
import { hintForKey, nearest } from './known-keys.ts'
import { MULTIADDR_EXPECTED } from './schema-parts.ts'

export interface Complaint {
  readonly path: ConfigPath
  /** Whether the key itself is at fault, not its value. */
  readonly atKey: boolean
  readonly message: string
  readonly hint?: string
  readonly code: 'CONFIG_INVALID' | 'BAD_MULTIADDR'
}

type Issue = z.core.$ZodIssue

const NOUNS: Readonly<Record<string, string>> = {
  object: 'a section of keys',
  record: 'a section of keys',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
}

/** `value` is what stands at the issue's path. An issue about several keys gives several complaints. */
export function explainIssue(issue: Issue, value: unknown): readonly Complaint[] {
  const path = issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment)))
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path))
  return [complain(path, issue.code === 'invalid_key', ...wording(issue, value))]
}

function unknownKey(key: string, path: ConfigPath): Complaint {
  return complain([...path, key], true, 'unknown key', hintForKey(key, path))
}

function complain(path: ConfigPath, atKey: boolean, message: string, hint?: string): Complaint {
  const code = message.includes(MULTIADDR_EXPECTED) ? 'BAD_MULTIADDR' : 'CONFIG_INVALID'
  return { path, atKey, message, code, ...(hint === undefined ? {} : { hint }) }
}

type Wording = readonly [message: string, hint?: string | undefined]

function wording(issue: Issue, value: unknown): Wording {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, value)
    case 'invalid_value':
      return wrongWord(issue.values.map(String), value)
    case 'too_small':
      return [
        `${shown(value)} is too small: expected ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`,
      ]
    case 'too_big':
      return tooBig(issue, value)
    case 'invalid_key':
      return [issue.issues[0]?.message ?? 'this key cannot stand here', hintForName(issue.path.at(-1))]
    case 'invalid_union':
      return [unionMessage(issue, value)]
    default:
      return [`${shown(value)}: ${issue.message}`]
  }
}

function wrongType(expected: string, value: unknown): Wording {
  const noun = NOUNS[expected] ?? expected
  if (value === undefined) return [`missing: expected ${noun}`]
  return [`expected ${noun}, got ${shown(value)}`, typeHint(expected, value)]
}

function typeHint(expected: string, value: unknown): string | undefined {
  if (expected === 'boolean' && typeof value === 'string') {
    if (/^(yes|on|y)$/i.test(value)) return 'write true'
    if (/^(no|off|n)$/i.test(value)) return 'write false'
  }
  if (expected === 'array') return 'write a list: [a, b], or one "- item" per line'
  if (expected === 'string' && typeof value === 'number') return `put it in quotes: "${value}"`
  if ((expected === 'number' || expected === 'int') && typeof value === 'string' && /^\s*[\d.]+\s*$/.test(value)) {
    return `write it without quotes: ${value.trim()}`
  }
  return undefined
}

function wrongWord(words: readonly string[], value: unknown): Wording {
  if (value === undefined) return [`missing: expected one of ${words.join(', ')}`]
  const near = typeof value === 'string' ? nearest(value, words) : undefined
  return [
    `${shown(value)}: expected one of ${words.join(', ')}`,
    near === undefined ? undefined : `did you mean ${near}?`,
  ]
}

function tooBig(issue: Extract<Issue, { code: 'too_big' }>, value: unknown): Wording {
  if (Array.isArray(value)) return [`${value.length} items are too many: at most ${issue.maximum}`]
  if (typeof value === 'string') return [`${value.length} characters are too many: at most ${issue.maximum}`]
  return [`${shown(value)} is too large: expected at most ${issue.maximum}`]
}

function unionMessage(issue: Extract<Issue, { code: 'invalid_union' }>, value: unknown): string {
  const [first] = issue.errors.flat().filter((inner) => inner.code === 'custom' || inner.code === 'invalid_format')
  return `${shown(value)}: ${first?.message ?? issue.message}`
}

/** Names of realms are the one kind of key with a form that people miss. */
function hintForName(name: PropertyKey | undefined): string | undefined {
  if (typeof name !== 'string') return undefined
  const letters = name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9_]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  return letters === '' || letters.length <= 2 ? undefined : `write it as $${letters}`
}

/** A value as it may stand in a message: short, and on one line. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a section of keys'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
