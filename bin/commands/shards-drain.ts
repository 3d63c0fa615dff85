/** `realmesh shards drain NAME`: all users move out of a store while queries run. */
import type { RunCommand } from '../command.ts'
import { operatorCall } from '../operator-client.ts'
import { printShards } from '../print-shards.ts'

export const run: RunCommand = async (invocation) => {
  await operatorCall(invocation, 'shards/drain', { name: invocation.args[0] })
  await printShards(invocation)
  return 0
}
