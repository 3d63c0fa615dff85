/** From arguments to an exit status. Whatever is thrown ends here, as two lines. */
import { toRealmeshError } from '../core/realmesh-error.ts'
import type { CommandContext } from './context.ts'
import { EXIT_OF } from './exit-codes.ts'
import { describeError } from './print-error.ts'
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
