/** `realmesh shards repair NAME`: accepts what the repair of a damaged store brought back; the files as they were stay in quarantine. */
import type { RunCommand } from '../../cli/command.ts'
import { operatorCall } from '../../client/operator-client.ts'
import { printShards } from '../../client/print-shards.ts'

export const run: RunCommand = async (invocation) => {
  await operatorCall(invocation, 'shards/repair', { name: invocation.args[0] })
  await printShards(invocation)
  return 0
}
