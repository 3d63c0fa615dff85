/** `realmesh resume`: ends a pause. */
import type { RunCommand } from '../../cli/command.ts'
import { operatorCall } from '../../client/operator-client.ts'

export const run: RunCommand = async (invocation) => {
  const { flags, context } = invocation
  await operatorCall(invocation, 'resume')
  if (flags['json'] === true) context.out(`${JSON.stringify({ paused: false })}\n`)
  else context.err('other nodes are served again\n')
  return 0
}
