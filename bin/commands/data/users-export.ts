/** `realmesh users export GUID`: everything that the node keeps of a user, as JSON. */
import { open, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { type RunCommand, textFlag } from '../../cli/command.ts'
import { printResult } from '../../cli/print.ts'
import { readGuid } from '../../cli/read-stdin.ts'
import { GatewayClient } from '../../client/gateway-client.ts'

export const run: RunCommand = async (invocation) => {
  const { flags, home, context } = invocation
  const guid = await readGuid(invocation)
  const client = await GatewayClient.connectAsOperator(home)
  const reply = await client.open('/api/admin/users/export', { method: 'POST', body: { guid } })
  const file = textFlag(flags, 'out')
  if (file === undefined) {
    reply.setEncoding('utf8')
    for await (const piece of reply) context.out(String(piece))
    context.out('\n')
    return 0
  }
  await write(file, reply)
  return printResult(invocation, { json: { file }, note: `written to ${file}, for its owner's eyes only` })
}

/** A new file of mode 0600: it holds a user's GUID and prompts. What is there is not overwritten. */
async function write(path: string, reply: IncomingMessage): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
    const exists = cause.code === 'EEXIST'
    throw new RealmeshError('USAGE', exists ? `${path} is there already` : `cannot write ${path}: ${cause.code}`, {
      fix: exists ? 'remove it, or name another file with --out' : 'name another file with --out',
      cause,
    })
  })
  try {
    for await (const piece of reply) await file.writeFile(piece as Buffer)
    await file.sync()
  } catch (error) {
    await rm(path, { force: true }) // Half an export must not be taken for a whole one.
    throw error
  } finally {
    await file.close()
  }
}
