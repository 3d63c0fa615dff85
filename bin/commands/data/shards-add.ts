/** `realmesh shards add NAME`: another store, and its share of the users moves there while queries run. */
import { defined } from '../../../core/defined.ts'
import { type RunCommand, textFlag } from '../../cli/command.ts'
import { operatorCall } from '../../client/operator-client.ts'
import { printShards } from '../../client/print-shards.ts'

export const run: RunCommand = async (invocation) => {
  const place = textFlag(invocation.flags, 'at')
  await operatorCall(invocation, 'shards/add', {
    name: invocation.args[0],
    ...defined({ connection_string: place }),
  })
  await printShards(invocation)
  return 0
}
