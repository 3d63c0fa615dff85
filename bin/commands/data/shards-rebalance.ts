/** `realmesh shards rebalance [NAME...]`: users are spread over the named stores, or over all. */
import type { RunCommand } from '../../cli/command.ts'
import { operatorCall } from '../../client/operator-client.ts'
import { printShards } from '../../client/print-shards.ts'

export const run: RunCommand = async (invocation) => {
  const names = invocation.args
  await operatorCall(invocation, 'shards/rebalance', names.length === 0 ? {} : { names })
  await printShards(invocation)
  return 0
}
