/** `realmesh completion SHELL`: prints what makes the shell complete commands and flags. */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CommandSpec, RunCommand } from '../cli/command.ts'
import { completionScript, SHELLS } from '../cli/completion-script.ts'

/** The table comes in from outside: it knows this command, so this file must not know it. */
export function completionOf(commands: readonly CommandSpec[]): RunCommand {
  return async ({ args, context }) => {
    const shell = SHELLS.find((known) => known === args[0])
    if (shell === undefined) {
      throw new RealmeshError('USAGE', `completion ${args[0]}: expected one of ${SHELLS.join(', ')}`, {
        fix: 'for bash: source <(realmesh completion bash)',
      })
    }
    context.out(completionScript(shell, commands))
    return 0
  }
}
