/** `realmesh shards rebalance [NAME...]`: users are spread over the named stores, or over all. */
import type { RunCommand } from '../command.ts'
import { operatorCall } from '../operator-client.ts'
import { printShards } from '../print-shards.ts'

export const run: RunCommand = async (invocation) => {
  const names = invocation.args
  await operatorCall(invocation, 'shards/rebalance', names.length === 0 ? {} : { names })
  await printShards(invocation)
  return 0
}
