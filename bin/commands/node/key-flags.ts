/** The flags of `keys add` and `keys change` that say what a key is for, and how much of it. Pure. */
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { isScope } from '../../../core/scope.ts'
import { type Flags, type OptionSpec, textFlag } from '../../cli/command.ts'
import { readDuration } from '../../cli/duration.ts'
import type { KeyChanges } from '../../daemon/front/key-records.ts'

/** What a flag may say to take a limit away. */
const NONE = 'none'

type Changeable = Exclude<keyof KeyChanges, 'label'>

interface FlagRow {
  readonly key: Changeable
  /** As commander takes it. */
  readonly flag: string
  /** The name under which commander gives it. */
  readonly name: string
  readonly text: string
  /** Throws `USAGE`. */
  readonly read: (text: string, nowMs: number) => unknown
}

const FLAGS: readonly FlagRow[] = [
  {
    key: 'scope',
    flag: '--scope <local|home|friends|public>',
    name: 'scope',
    text: 'the widest way that its queries may go',
    read: scopeOf,
  },
  {
    key: 'models',
    flag: '--models <PATTERN,...>',
    name: 'models',
    text: 'the models that it is for, such as llama3*,qwen3:8b; * stands for any text, auto for any model',
    read: namesOf,
  },
  {
    key: 'realms',
    flag: '--realms <REALM,...>',
    name: 'realms',
    text: "the realms that it is for, such as '$CHAT'",
    read: namesOf,
  },
  {
    key: 'requests_per_minute',
    flag: '--requests-per-minute <N>',
    name: 'requestsPerMinute',
    text: 'requests of every kind, lists of models too',
    read: countOf,
  },
  {
    key: 'tokens_per_minute',
    flag: '--tokens-per-minute <N>',
    name: 'tokensPerMinute',
    text: 'tokens of prompts and answers',
    read: countOf,
  },
  {
    key: 'tokens_per_day',
    flag: '--tokens-per-day <N>',
    name: 'tokensPerDay',
    text: 'the same from midnight to midnight UTC',
    read: countOf,
  },
  {
    key: 'concurrent',
    flag: '--concurrent <N>',
    name: 'concurrent',
    text: 'queries that run or wait at once',
    read: countOf,
  },
  {
    key: 'expires',
    flag: '--expires <WHEN>',
    name: 'expires',
    text: 'when it ends: 30d, or a date such as 2030-01-31',
    read: momentOf,
  },
]

/** For the tables of commands. */
export const KEY_OPTIONS: readonly OptionSpec[] = FLAGS.map(({ flag, text }) => ({ flag, text }))

/** What the flags say; those that were not given are absent. Throws `USAGE`. `nowMs`: wall clock. */
export function keyChanges(flags: Flags, nowMs: number): KeyChanges {
  const changes: Record<string, unknown> = {}
  for (const { key, name, read } of FLAGS) {
    const text = textFlag(flags, name)
    if (text !== undefined) changes[key] = text === NONE ? undefined : read(text, nowMs)
  }
  return changes as KeyChanges
}

function scopeOf(text: string): string {
  if (isScope(text)) return text
  throw new RealmeshError('USAGE', `${text} is not a scope`, { fix: 'use local, home, friends or public' })
}

function namesOf(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim())
  if (!names.includes('')) return names
  throw new RealmeshError('USAGE', `"${text}" is no list of names`, { fix: 'separate them with commas, or write none' })
}

function countOf(text: string): number {
  const count = Number(text.replaceAll('_', ''))
  if (/^[\d_]+$/.test(text) && count >= 1 && count <= 1e12) return count
  throw new RealmeshError('USAGE', `${text} is not a number above 0`, { fix: 'write digits, or none for no limit' })
}

function momentOf(text: string, nowMs: number): string {
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : nowMs + (readDuration(text) ?? Number.NaN)
  if (at > nowMs) return new Date(at).toISOString()
  throw new RealmeshError('USAGE', `${text} is no time to come`, { fix: 'write 30d, or a date such as 2030-01-31' })
}
