/** `realmesh keys add|change|list|remove`: the API keys of the gateway. Only hashes are kept; a key is shown once. */

import { RealmeshError } from '../../../core/realmesh-error.ts'
import { messageOf } from '../../../core/thrown.ts'
import type { KeysReport } from '../../../gateway/admin/operator-acts.ts'
import type { KeyUsage } from '../../../gateway/allowance/allowance.ts'
import { userOfHash } from '../../../gateway/door/credentials.ts'
import { type ApiKeyRecord, readApiKeys, writeApiKeys } from '../../../home/api-keys.ts'
import { type HomeFolder, prepareHome } from '../../../home/home-folder.ts'
import { livingDaemon } from '../../../home/home-lock.ts'
import type { Invocation, RunCommand } from '../../cli/command.ts'
import type { CommandContext } from '../../cli/context.ts'
import { EXIT } from '../../cli/exit-codes.ts'
import { printResult } from '../../cli/print.ts'
import { GatewayClient } from '../../client/gateway-client.ts'
import { assertUnused, keyNamed, newKey, shownKey, withChanges } from '../../daemon/front/key-records.ts'
import { keyChanges } from './key-flags.ts'
import { keyTable } from './key-table.ts'

export const addKey: RunCommand = async ({ args, flags, home, context }) => {
  const changes = keyChanges(flags, Date.now())
  await prepareHome(home)
  const earlier = await readApiKeys(home.apiKeys)
  const [label] = args
  assertUnused(label, earlier)
  const { key, record } = newKey({ label, ...changes }, Date.now())
  await writeApiKeys(home.apiKeys, [...earlier, record])
  context.out(`${key}\n`)
  context.err('keep it: it is not shown again\n')
  return await tellNode(home, context)
}

export const changeKey: RunCommand = async ({ args, flags, home, context }) => {
  const changes = keyChanges(flags, Date.now())
  if (Object.keys(changes).length === 0) {
    throw new RealmeshError('USAGE', 'nothing to change was given', {
      fix: 'such as --tokens-per-day 100000, or --tokens-per-day none; see realmesh keys change --help',
    })
  }
  const keys = await readApiKeys(home.apiKeys)
  const meant = keyNamed(args[0] ?? '', keys)
  const changed = keys.map((key): ApiKeyRecord => (key === meant ? withChanges(key, changes) : key))
  await writeApiKeys(home.apiKeys, changed)
  context.err(`changed ${shownKey(meant)}\n`)
  return await tellNode(home, context)
}

export const listKeys: RunCommand = async (invocation) => {
  const records = await readApiKeys(invocation.home.apiKeys)
  const usage = await usageOf(invocation.home)
  const keys = records.map(({ sha256, ...record }) => ({ ...record, usage: usage[userOfHash(sha256)] }))
  const text = keyTable(keys, invocation.context.columns) || 'no keys: everyone on this machine may use the gateway\n'
  return printResult(invocation, { json: { keys }, text })
}

/** What a running node has counted, by user; nothing where none runs, or another user's. */
async function usageOf(home: HomeFolder): Promise<Readonly<Record<string, KeyUsage>>> {
  try {
    const client = await GatewayClient.connectAsOperator(home)
    return ((await client.act('keys/usage')) as { users: Readonly<Record<string, KeyUsage>> }).users
  } catch {
    return {} // the list of the file is what was asked for
  }
}

export const removeKey: RunCommand = async ({ args, home, context }: Invocation) => {
  const keys = await readApiKeys(home.apiKeys)
  const gone = keyNamed(args[0] ?? '', keys)
  const kept = keys.filter((key) => key !== gone)
  await writeApiKeys(home.apiKeys, kept)
  context.err(`removed ${shownKey(gone)}\n`)
  if (kept.length === 0) context.err('no key is left: everyone on this machine may use the gateway\n')
  return await tellNode(home, context)
}

/** Lets a node that runs with the home read its keys again. Gives the exit status, and says what came of it. */
async function tellNode(home: HomeFolder, context: CommandContext): Promise<number> {
  if ((await livingDaemon(home)) === undefined) return EXIT.ok
  try {
    const client = await GatewayClient.connectAsOperator(home)
    const { file } = (await client.act('keys/reload')) as KeysReport
    const elsewhere = `the running node reads its keys from ${file}, not from ${home.apiKeys}\n`
    context.err(file === home.apiKeys ? 'the running node knows\n' : elsewhere)
    return file === home.apiKeys ? EXIT.ok : EXIT.failed
  } catch (thrown) {
    context.err(`the running node could not be told: ${messageOf(thrown)}\n  fix: realmesh config reload\n`)
    return EXIT.failed
  }
}
