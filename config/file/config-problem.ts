/** What is wrong with a configuration, said so that its author can repair it at once. */
import { RealmeshError } from '../../core/realmesh-error.ts'

export interface ConfigProblem {
  /** `FILE:LINE:COLUMN`, a flag, or an environment variable. */
  readonly where: string
  /** Both from 1; absent when the value did not come from a file. */
  readonly line?: number
  readonly column?: number
  /** Such as `realms.$CHAT.max_workers`; empty for the whole file. */
  readonly path: string
  /** What was found and what was expected. */
  readonly message: string
  /** What to do about it. */
  readonly hint?: string
  readonly code: 'CONFIG_INVALID' | 'BAD_MULTIADDR'
}

/** One line: where, what, and what was expected. */
export function describeProblem(problem: ConfigProblem): string {
  return [problem.where, problem.path, problem.message].filter((part) => part !== '').join(': ')
}

/** The first problem as an error; the others are counted. `file`: that was read instead of the one in the home. */
export function problemsError(problems: readonly [ConfigProblem, ...ConfigProblem[]], file?: string): RealmeshError {
  const [first, ...rest] = problems
  const validate = `realmesh config validate${file === undefined ? '' : ` ${file}`}`
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more: ${validate} shows all)`
  return new RealmeshError(first.code, `${describeProblem(first)}${more}`, {
    fix: first.hint ?? 'docs/config.md lists every key with its values',
  })
}
