/**
 * A complaint of zod's as one sentence with a hint. The place is added by check-config.ts, which knows where the value
 * came from.
 */

import type { z } from 'zod'
import { defined } from '../../core/defined.ts'
import { didYouMean } from '../../core/nearest.ts'
import type { ConfigPath } from '../config-path.ts'
import type { FormHelp } from '../schema/schema-parts.ts'
import { hintForKey } from './known-keys.ts'

export interface Complaint {
  readonly path: ConfigPath
  /** Whether the key itself is at fault, not its value. */
  readonly atKey: boolean
  readonly message: string
  readonly hint?: string
  readonly code: 'CONFIG_INVALID' | 'BAD_MULTIADDR'
  /** Whether there is no value at all. */
  readonly missing?: boolean
  /** Of an unknown key: the key beside it that was meant, most likely. */
  readonly meant?: string
}

/** Longer lists of words are cut: docs/config.md has them whole. */
const MAX_WORDS = 8

/** A complaint as the schema tells it. */
export type SchemaIssue = z.core.$ZodIssue

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
export function explainIssue(issue: SchemaIssue, value: unknown): readonly Complaint[] {
  const path = issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment)))
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path))
  return [{ path, atKey: issue.code === 'invalid_key', code: 'CONFIG_INVALID', ...wording(issue, value) }]
}

/** Whether a number or a yes stands where text is expected, as it does without quotes. */
export function wantsQuotes(issue: SchemaIssue, value: unknown): boolean {
  const isPlain = typeof value === 'number' || typeof value === 'boolean'
  return issue.code === 'invalid_type' && issue.expected === 'string' && isPlain
}

function unknownKey(key: string, path: ConfigPath): Complaint {
  return {
    path: [...path, key],
    atKey: true,
    message: 'unknown key',
    code: 'CONFIG_INVALID',
    ...hintForKey(key, path),
  }
}

/** What a complaint says, without its place. */
type Wording = Pick<Complaint, 'message' | 'hint' | 'missing'> & Partial<Pick<Complaint, 'code'>>

function wording(issue: SchemaIssue, value: unknown): Wording {
  const key = String(issue.path.at(-1) ?? '')
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined
        ? missing(key, NOUNS[issue.expected] ?? issue.expected)
        : wrongType(issue.expected, value)
    case 'invalid_value':
      return value === undefined ? missing(key, oneOf(issue.values)) : wrongWord(issue.values.map(String), value)
    case 'too_small':
      return {
        message: `${shown(value)} is too small: expected at least ${issue.minimum}`,
        hint: `write ${issue.minimum} or more`,
      }
    case 'too_big':
      return tooBig(issue, value)
    case 'invalid_key':
      return wrongKey(issue)
    case 'custom':
      return wrongForm(issue.message, issue.params ?? {}, value)
    default:
      return wrongForm(issue.message, {}, value)
  }
}

function missing(key: string, expected: string): Wording {
  if (expected === NOUNS['object']) return { missing: true, message: `empty: expected ${expected}`, hint: SECTION_HINT }
  return { missing: true, message: `missing: expected ${expected}`, hint: `add the key ${key}` }
}

function oneOf(words: readonly unknown[]): string {
  if (words.length <= MAX_WORDS) return `one of ${words.join(', ')}`
  return `one of ${words.slice(0, MAX_WORDS / 2).join(', ')}, …`
}

/**
 * A check that brings its own hint says what is wrong in its own words; the others say what they expected instead of
 * the value.
 */
function wrongForm(words: string, { example, hint, code, secret }: FormHelp, value: unknown): Wording {
  const bare = value === undefined || hint !== undefined || secret === true
  return {
    message: bare ? words : `${shown(value)}: ${words}`,
    ...defined({ hint: hint ?? (example === undefined ? undefined : `write it like ${example}`), code }),
  }
}

function wrongType(expected: string, value: unknown): Wording {
  const message = `expected ${NOUNS[expected] ?? expected}, got ${shown(value)}`
  return { message, ...defined({ hint: typeHint(expected, value) }) }
}

function typeHint(expected: string, value: unknown): string | undefined {
  if (expected === 'boolean') return /^(no|off|n|false|0)$/i.test(String(value)) ? 'write false' : 'write true'
  if (expected === 'array') return 'write a list: [a, b], or one "- item" per line'
  if (expected === 'object' || expected === 'record') return SECTION_HINT
  if (expected === 'string')
    return typeof value === 'object' ? 'write one value' : `put it in quotes: "${String(value)}"`
  if (typeof value === 'number' && Number.isFinite(value)) return `write a whole number, such as ${Math.round(value)}`
  const digits = typeof value === 'string' && /^\s*[\d.]+\s*$/.test(value)
  return digits ? `write it without quotes: ${value.trim()}` : 'write digits'
}

function wrongWord(words: readonly string[], value: unknown): Wording {
  const near = typeof value === 'string' ? didYouMean(value, words) : undefined
  return { message: `${shown(value)}: expected ${oneOf(words)}`, hint: near ?? 'choose one of them' }
}

function tooBig(issue: Extract<SchemaIssue, { code: 'too_big' }>, value: unknown): Wording {
  const hint = `at most ${issue.maximum}`
  if (Array.isArray(value)) return { message: `${value.length} items are too many`, hint }
  if (typeof value === 'string') return { message: `${value.length} characters are too many`, hint }
  return { message: `${shown(value)} is too large: expected ${hint}`, hint: `write ${issue.maximum} or less` }
}

function wrongKey(issue: Extract<SchemaIssue, { code: 'invalid_key' }>): Wording {
  const [inner] = issue.issues
  const key = String(issue.path.at(-1) ?? '')
  const help: FormHelp = inner?.code === 'custom' ? (inner.params ?? {}) : {}
  const isRealm = issue.path[0] === 'realms' && issue.path.length === 2
  const told = isRealm ? { ...help, hint: realmNameHint(key) } : help
  return wrongForm(inner?.message ?? 'this key cannot stand here', told, undefined)
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
