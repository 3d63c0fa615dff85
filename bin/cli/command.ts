/** What a command is: its words are known at once, its code is loaded only when it runs. */
import { didYouMean } from '../../core/nearest.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { isScope, SCOPES, type Scope } from '../../core/scope.ts'
import type { HomeFolder } from '../../home/home-folder.ts'
import type { CommandContext } from './context.ts'

export interface OptionSpec {
  /** As commander takes it, such as `--model <NAME>`. */
  readonly flag: string
  readonly text: string
}

/** Flags as they were given; what was not given is absent. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

export interface Invocation {
  readonly args: readonly string[]
  readonly flags: Flags
  /** The home that `--home` or the environment names. */
  readonly home: HomeFolder
  readonly context: CommandContext
}

/** Resolves to the exit status; throws a RealmeshError for everything that went wrong. */
export type RunCommand = (invocation: Invocation) => Promise<number>

export interface CommandSpec {
  /** One word, or two for a command of a group: `config show`. */
  readonly name: string
  /** As commander takes them, such as `<PROMPT...>`. */
  readonly args?: string
  readonly text: string
  readonly options: readonly OptionSpec[]
  readonly load: () => Promise<{ readonly run: RunCommand }>
}

/** A flag's text; undefined when it was not given. */
export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name]
  return typeof value === 'string' ? value : undefined
}

/** A flag's texts; empty when it was not given. */
export function listFlag(flags: Flags, name: string): readonly string[] {
  const value = flags[name]
  return Array.isArray(value) ? value : []
}

/** The scope that `--scope` names; undefined when it was not given. Throws `USAGE`. */
export function scopeFlag(flags: Flags): Scope | undefined {
  const word = textFlag(flags, 'scope')
  if (word === undefined || isScope(word)) return word
  throw new RealmeshError('USAGE', `--scope ${word}: there is no such scope`, {
    fix: didYouMean(word, SCOPES) ?? `use ${SCOPES.join(', ')}`,
  })
}
