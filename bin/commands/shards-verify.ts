/** `realmesh shards verify`: the running node reads every record of its shards. */
import type { RunCommand } from '../command.ts'
import { operatorCall } from '../operator-client.ts'
import { printChecks, type ShardCheck } from '../print-shards.ts'

export const run: RunCommand = async (invocation) => {
  const { shards } = (await operatorCall(invocation, 'shards/verify')) as { readonly shards: readonly ShardCheck[] }
  return printChecks(invocation, shards)
}
