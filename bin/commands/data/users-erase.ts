/** `realmesh users erase GUID --yes`: removes everything that the node keeps of a user. */
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { UserControl } from '../../../node/api/node-control.ts'
import type { RunCommand } from '../../cli/command.ts'
import { EXIT } from '../../cli/exit-codes.ts'
import { operatorCall } from '../../client/operator-client.ts'
import { readGuid } from '../../client/read-guid.ts'

type Erased = Awaited<ReturnType<UserControl['erase']>>

export const run: RunCommand = async (invocation) => {
  const { flags, context } = invocation
  if (flags['yes'] !== true) {
    throw new RealmeshError('USAGE', 'this cannot be undone', {
      fix: 'say --yes; realmesh users export keeps a copy first',
    })
  }
  const erased = (await operatorCall(invocation, 'users/erase', { guid: await readGuid(invocation) })) as Erased
  if (flags['json'] === true) context.out(`${JSON.stringify(erased)}\n`)
  else context.err(`${erased.rowsRemoved} records removed, and nothing is left\n`)
  if (erased.notLookedAt.length === 0) return EXIT.ok
  context.err(
    `! out of service, and not looked at: ${erased.notLookedAt.join(', ')}; erase the user again when they are back\n`,
  )
  return EXIT.failed
}
