/** `realmesh pause [DURATION]`: the node serves its owner only, for a while or until `resume`. */
import { defined } from '../../../core/defined.ts'
import type { RunCommand } from '../../cli/command.ts'
import { parseDuration } from '../../cli/parse-duration.ts'
import { duration } from '../../cli/text-table.ts'
import { operatorCall } from '../../client/operator-client.ts'

export const run: RunCommand = async (invocation) => {
  const { args, flags, context } = invocation
  const ms = args[0] === undefined ? undefined : parseDuration(args[0])
  await operatorCall(invocation, 'pause', defined({ ms }))
  if (flags['json'] === true) context.out(`${JSON.stringify({ paused: true, ms: ms ?? null })}\n`)
  else
    context.err(
      `paused ${ms === undefined ? 'until realmesh resume' : `for ${duration(ms)}`}: own queries are served, others' are not\n`,
    )
  return 0
}
