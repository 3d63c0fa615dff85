/** `realmesh shards drain NAME`: all users move out of a store while queries run. */
import type { RunCommand } from '../../cli/command.ts'
import { operatorCall } from '../../client/operator-client.ts'
import { printShards } from '../../client/print-shards.ts'

export const run: RunCommand = async (invocation) => {
  await operatorCall(invocation, 'shards/drain', { name: invocation.args[0] })
  await printShards(invocation)
  return 0
}
