/** What became of a change, as a command tells it. Pure. */
import { defined } from '../../../core/defined.ts'
import type { Changed, Lasts } from '../../../node/api/changes.ts'
import type { Flags } from '../../cli/command.ts'
import type { Result } from '../../cli/print.ts'

/** The flag of every command that changes realms.yml. */
export const UNTIL_RESTART = { flag: '--until-restart', text: 'do not write it to realms.yml' } as const

/** What the flag asks for, as the body of an act has it. */
export function lastsOf(flags: Flags): { readonly lasts?: Lasts } {
  return flags['untilRestart'] === true ? { lasts: 'until the restart' } : {}
}

/** `what`: what was done, such as `blocked …abcd`. */
export function changedResult(changed: Changed, what: string): Result {
  const { lasts, file, restart = [], problems = [] } = changed
  const waits = restart.length === 0 ? '' : `; waits for a restart: ${restart.join(', ')}`
  const warning = problems.length === 0 ? undefined : problems.join('; ')
  return {
    json: changed,
    note: `${what}; ${file === undefined ? lasts : `${lasts}: ${file}`}${waits}`,
    ...defined({ warning }),
  }
}
