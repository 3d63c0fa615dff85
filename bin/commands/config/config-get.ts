/** `realmesh config get PATH`: one value that is in force. */
import { valueAt } from '../../../config/config-path.ts'
import { requirePath, unknownPath } from '../../../config/file/edit-config.ts'
import { loadConfig } from '../../../config/file/load-config.ts'
import { type RunCommand, textFlag } from '../../cli/command.ts'

export const run: RunCommand = async ({ args, flags, home, context }) => {
  const path = requirePath(args[0] ?? '')
  const file = textFlag(flags, 'config')
  const { values } = await loadConfig({ home, env: context.env, file })
  const value = valueAt(values, path)
  if (value === undefined) throw unknownPath(path)
  const plain = typeof value !== 'object' && flags['json'] !== true
  context.out(`${plain ? String(value) : JSON.stringify(value)}\n`)
  return 0
}
