/** `realmesh version`: what runs here. */
import type { RunCommand } from '../cli/command.ts'
import { packageVersion } from '../cli/version.ts'

export const run: RunCommand = async ({ flags, context }) => {
  const version = packageVersion()
  if (flags['json'] === true) context.out(`${JSON.stringify({ realmesh: version, node: process.versions.node })}\n`)
  else context.out(`realmesh ${version}\nnode ${process.versions.node} (${process.platform} ${process.arch})\n`)
  return 0
}
