/** `realmesh verify [DIR]`: whether a backup is whole; without DIR, whether the user data of a stopped node is. */
import { resolve } from 'node:path'
import { loadConfig } from '../../../config/file/load-config.ts'
import { checkBackup, verifyUserData } from '../../../node/tools/user-data-tools.ts'
import { type Invocation, type RunCommand, textFlag } from '../../cli/command.ts'
import { textTable } from '../../cli/text-table.ts'
import { printChecks } from '../../client/print-shards.ts'

export const run: RunCommand = async (invocation) => {
  const { args, flags, home, context } = invocation
  if (args[0] !== undefined) return await verifyBackup(invocation, resolve(args[0]))
  const file = textFlag(flags, 'config')
  const { config } = await loadConfig({ home, env: context.env, file })
  return printChecks(invocation, await verifyUserData(config, home))
}

async function verifyBackup({ flags, context }: Invocation, directory: string): Promise<number> {
  const check = await checkBackup(directory)
  if (flags['json'] === true) context.out(`${JSON.stringify(check)}\n`)
  else {
    const rows = check.stores.map(({ name, records }) => [name, String(records), 'whole'])
    context.out(`${textTable(['STORE', 'RECORDS', ''], rows)}taken ${new Date(check.at).toISOString()}\n`)
  }
  return 0
}
