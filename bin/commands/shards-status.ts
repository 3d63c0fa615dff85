/** `realmesh shards status`: the stores of user data, and how far a rebalance is. */
import type { RunCommand } from '../command.ts'
import { printShards } from '../print-shards.ts'

export const run: RunCommand = async (invocation) => {
  await printShards(invocation)
  return 0
}
