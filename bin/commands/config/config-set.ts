/** `realmesh config set PATH VALUE`: changes one value in the file, comments kept, and only when the file stays valid. */
import { resolve } from 'node:path'
import { requirePath, setValue } from '../../../config/file/edit-config.ts'
import { readConfigText } from '../../../config/file/load-config.ts'
import { atomicWrite } from '../../../home/atomic-write.ts'
import { prepareHome } from '../../../home/home-folder.ts'
import { type RunCommand, textFlag } from '../../cli/command.ts'

export const run: RunCommand = async ({ args, flags, home, context }) => {
  const [where = '', value = ''] = args
  const path = requirePath(where)
  const named = textFlag(flags, 'config') ?? (context.env['REALMESH_CONFIG'] || undefined)
  const file = resolve(named ?? home.configFile)
  const edited = setValue((await readConfigText(file, true)) ?? '', path, value, file)
  if (named === undefined) await prepareHome(home)
  await atomicWrite(file, edited)
  context.err(`${file}: ${where} is now ${value}; for a running node: realmesh config reload\n`)
  return 0
}
