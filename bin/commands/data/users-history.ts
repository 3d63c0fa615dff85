/** `realmesh users history GUID on|off`: whether a user's prompts and answers are kept from now on. */
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { UserSettings } from '../../../node/api/node-control.ts'
import type { RunCommand } from '../../cli/command.ts'
import { operatorCall } from '../../client/operator-client.ts'
import { readGuid } from '../../client/read-guid.ts'

const WORDS: Readonly<Record<string, boolean>> = { on: true, off: false }

export const run: RunCommand = async (invocation) => {
  const { args, flags, context } = invocation
  const [, word = ''] = args
  const history = WORDS[word]
  if (history === undefined) {
    throw new RealmeshError('USAGE', `history ${word}: expected on or off`, { fix: 'realmesh users history - off' })
  }
  const guid = await readGuid(invocation)
  const settings = (await operatorCall(invocation, 'users/settings', { guid, history })) as UserSettings
  if (flags['json'] === true) context.out(`${JSON.stringify(settings)}\n`)
  else context.err(`prompts and answers are ${settings.history ? 'kept' : 'not kept'} from the next query on\n`)
  return 0
}
