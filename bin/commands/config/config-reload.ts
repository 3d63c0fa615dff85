/** `realmesh config reload`: checks the file, then tells the running node to read it again. */

import { loadConfig } from '../../../config/file/load-config.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { daemonNotRunning, readRuntimeFile } from '../../../home/runtime-file.ts'
import { type RunCommand, textFlag } from '../../cli/command.ts'

export const run: RunCommand = async ({ flags, home, context }) => {
  if (process.platform === 'win32') {
    throw new RealmeshError('USAGE', 'Windows has no SIGHUP', { fix: 'restart the node' })
  }
  const file = textFlag(flags, 'config')
  await loadConfig({ home, env: context.env, file })
  const { pid } = await readRuntimeFile(home)
  try {
    process.kill(pid, 'SIGHUP')
  } catch (cause) {
    throw daemonNotRunning(home, cause)
  }
  context.err(
    `the node (pid ${pid}) reads its configuration again; its log names what is in force and what waits for a restart\n`,
  )
  return 0
}
