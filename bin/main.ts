/** From arguments to an exit status. Whatever is thrown ends here, as two lines. */
import { toRealmeshError } from '../core/realmesh-error.ts'
import type { CommandContext } from './cli/context.ts'
import { EXIT_OF } from './cli/exit-codes.ts'
import { describeError } from './cli/print-error.ts'
import { runProgram } from './program.ts'

export async function main(argv: readonly string[], context: CommandContext): Promise<number> {
  try {
    return await runProgram(argv, context)
  } catch (thrown) {
    const debug = argv.includes('--debug') || Boolean(context.env['REALMESH_DEBUG'])
    context.err(describeError(thrown, debug))
    return EXIT_OF[toRealmeshError(thrown).code]
  }
}
