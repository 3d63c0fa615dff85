/** `realmesh shards verify`: the running node reads every record of its shards. */
import type { RunCommand } from '../../cli/command.ts'
import { operatorCall } from '../../client/operator-client.ts'
import { printChecks, type ShardCheck } from '../../client/print-shards.ts'

export const run: RunCommand = async (invocation) => {
  const { shards } = (await operatorCall(invocation, 'shards/verify')) as { readonly shards: readonly ShardCheck[] }
  return printChecks(invocation, shards)
}
