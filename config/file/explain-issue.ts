/** A complaint of zod's as one sentence with a hint. The place is added by whoever knows where the value came from. */

import type { z } from 'zod'
import { defined } from '../../core/defined.ts'
import { nearest } from '../../core/nearest.ts'
import type { ConfigPath } from '../config-path.ts'
import { MULTIADDR_EXPECTED } from '../schema/schema-parts.ts'
import { hintForKey } from './known-keys.ts'

export interface Complaint {
  readonly path: ConfigPath
  /** Whether the key itself is at fault, not its value. */
  readonly atKey: boolean
  readonly message: string
  readonly hint?: string
  readonly code: 'CONFIG_INVALID' | 'BAD_MULTIADDR'
}

/** Longer lists of words are cut: docs/config.md has them whole. */
const MAX_WORDS = 8

type Issue = z.core.$ZodIssue

const SECTION_HINT = 'write its keys on lines of their own, indented'

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
  return { path, atKey, message, code, ...defined({ hint }) }
}

type Wording = readonly [message: string, hint?: string | undefined]

function wording(issue: Issue, value: unknown): Wording {
  const key = String(issue.path.at(-1) ?? '')
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined
        ? missing(key, NOUNS[issue.expected] ?? issue.expected)
        : wrongType(issue.expected, value)
    case 'invalid_value':
      return value === undefined ? missing(key, oneOf(issue.values)) : wrongWord(issue.values.map(String), value)
    case 'too_small':
      return [`${shown(value)} is too small: expected at least ${issue.minimum}`, `write ${issue.minimum} or more`]
    case 'too_big':
      return tooBig(issue, value)
    case 'invalid_key':
      return wrongKey(issue)
    case 'invalid_union':
      return formWording(value, unionMessage(issue))
    case 'custom':
      return formWording(value, issue.message, issue.params?.['hint'])
    default:
      // What stands where the name of a variable is expected is most likely the secret itself: it is not repeated.
      return formWording(key === 'key_env' ? undefined : value, issue.message)
  }
}

function missing(key: string, expected: string): Wording {
  if (expected === NOUNS['object']) return [`empty: expected ${expected}`, SECTION_HINT]
  return [`missing: expected ${expected}`, `add the key ${key}`]
}

function oneOf(words: readonly unknown[]): string {
  if (words.length <= MAX_WORDS) return `one of ${words.join(', ')}`
  return `one of ${words.slice(0, MAX_WORDS / 2).join(', ')}, …`
}

/** The schema says `expected A such as B`: A is what was expected, B shows how to write it. */
function formWording(value: unknown, text: string, hint?: unknown): Wording {
  if (typeof hint === 'string') return [text, hint]
  const [expected = text, example] = text.split(/,? such as /)
  return [
    value === undefined ? expected : `${shown(value)}: ${expected}`,
    example === undefined ? undefined : `write it like ${example}`,
  ]
}

function wrongType(expected: string, value: unknown): Wording {
  return [`expected ${NOUNS[expected] ?? expected}, got ${shown(value)}`, typeHint(expected, value)]
}

function typeHint(expected: string, value: unknown): string | undefined {
  if (expected === 'boolean') return /^(no|off|n|false|0)$/i.test(String(value)) ? 'write false' : 'write true'
  if (expected === 'array') return 'write a list: [a, b], or one "- item" per line'
  if (expected === 'object' || expected === 'record') return SECTION_HINT
  if (expected === 'string')
    return typeof value === 'object' ? 'write one value' : `put it in quotes: "${String(value)}"`
  if (typeof value === 'number') return `write a whole number, such as ${Math.round(value)}`
  const digits = typeof value === 'string' && /^\s*[\d.]+\s*$/.test(value)
  return digits ? `write it without quotes: ${value.trim()}` : 'write digits'
}

function wrongWord(words: readonly string[], value: unknown): Wording {
  const near = typeof value === 'string' ? nearest(value, words) : undefined
  return [
    `${shown(value)}: expected ${oneOf(words)}`,
    near === undefined ? 'choose one of them' : `did you mean ${near}?`,
  ]
}

function tooBig(issue: Extract<Issue, { code: 'too_big' }>, value: unknown): Wording {
  const hint = `at most ${issue.maximum}`
  if (Array.isArray(value)) return [`${value.length} items are too many`, hint]
  if (typeof value === 'string') return [`${value.length} characters are too many`, hint]
  return [`${shown(value)} is too large: expected ${hint}`, `write ${issue.maximum} or less`]
}

function wrongKey(issue: Extract<Issue, { code: 'invalid_key' }>): Wording {
  const [message = 'this key cannot stand here', example] = issue.issues[0]?.message.split(' such as ') ?? []
  if (issue.path[0] === 'realms' && issue.path.length === 2) return [message, realmNameHint(String(issue.path[1]))]
  return [message, example === undefined ? undefined : `write it like ${example}`]
}

function unionMessage(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const [first] = issue.errors.flat().filter((inner) => inner.code === 'custom' || inner.code === 'invalid_format')
  return first?.message ?? issue.message
}

/** The form of realms' names is the one that people miss. */
function realmNameHint(name: string): string {
  const letters = name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9_]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  return letters === '' ? 'write it like $CHAT' : `write it as $${letters}`
}

/** A value as it may stand in a message: short, and on one line. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a section of keys'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
