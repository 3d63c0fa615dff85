/** `realmesh backup DIR`: a consistent copy of all user data, while the node runs. */
import { resolve } from 'node:path'
import type { NodeControl } from '../../../node/api/node-control.ts'
import type { RunCommand } from '../../cli/command.ts'
import { operatorCall } from '../../client/operator-client.ts'

type Report = Awaited<ReturnType<NodeControl['backup']>>

export const run: RunCommand = async (invocation) => {
  const { args, flags, context } = invocation
  const directory = resolve(args[0] ?? '')
  const report = (await operatorCall(invocation, 'backup', { directory })) as Report
  if (flags['json'] === true) context.out(`${JSON.stringify({ directory, ...report })}\n`)
  else {
    const { records, chunks, written, manifest } = report
    context.err(`${records} records in ${chunks} chunks, ${written} of them new: ${directory}, ${manifest}\n`)
  }
  return 0
}
