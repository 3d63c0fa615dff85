/** `realmesh restore DIR`: puts a backup in the place of the user data. The node must be stopped. */
import { resolve } from 'node:path'
import { restoreUserData } from '../../../node/tools/user-data-tools.ts'
import type { RunCommand } from '../../cli/command.ts'

export const run: RunCommand = async ({ args, flags, home, context }) => {
  const restored = await restoreUserData(home, resolve(args[0] ?? ''))
  if (flags['json'] === true) context.out(`${JSON.stringify(restored)}\n`)
  else {
    const records = restored.stores.reduce((sum, store) => sum + store.records, 0)
    const taken = new Date(restored.at).toISOString()
    context.err(`${records} records as of ${taken}; what was there before is in ${restored.replaced}\n`)
  }
  return 0
}
