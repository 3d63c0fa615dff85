/** `realmesh shards status`: the stores of user data, and how far a rebalance is. */
import type { RunCommand } from '../../cli/command.ts'
import { printShards } from '../../client/print-shards.ts'

export const run: RunCommand = async (invocation) => {
  await printShards(invocation)
  return 0
}
