/**
 * `realmesh restore DIR` and `realmesh verify [DIR]`: what is done with user data and backups while no node runs on
 * them.
 */
import { resolve } from 'node:path'
import { loadConfig } from '../../../config/file/load-config.ts'
import { checkBackup, restoreUserData, verifyUserData } from '../../../node/tools/user-data-tools.ts'
import { type RunCommand, textFlag } from '../../cli/command.ts'
import { printResult, type Result } from '../../cli/print.ts'
import { textTable } from '../../cli/text-table.ts'
import { checksResult } from './shard-results.ts'

/** Puts a backup in the place of the user data. */
export const restoreHome: RunCommand = async (invocation) => {
  const { args, flags, home, context } = invocation
  const { config } = await loadConfig({ home, env: context.env, file: textFlag(flags, 'config') })
  const restored = await restoreUserData(config, home, resolve(args[0] ?? ''))
  const records = restored.stores.reduce((sum, store) => sum + store.records, 0)
  const taken = new Date(restored.at).toISOString()
  return printResult(invocation, {
    json: restored,
    note: `${records} records as of ${taken}; what was there before is in ${restored.replaced}`,
  })
}

/** Whether a backup is whole; without DIR, whether the user data of the home is. */
export const verifyHome: RunCommand = async (invocation) => {
  const { args, flags, home, context } = invocation
  if (args[0] !== undefined) return printResult(invocation, await backupResult(resolve(args[0])))
  const { config } = await loadConfig({ home, env: context.env, file: textFlag(flags, 'config') })
  return printResult(invocation, checksResult({ shards: await verifyUserData(config, home) }, context.columns))
}

async function backupResult(directory: string): Promise<Result> {
  const check = await checkBackup(directory)
  const rows = check.stores.map(({ name, records }) => [name, String(records), 'whole'])
  const table = textTable(['STORE', 'RECORDS', ''], rows)
  return { json: check, text: `${table}taken ${new Date(check.at).toISOString()}\n` }
}
