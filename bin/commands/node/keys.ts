/** `realmesh keys add|change|list|remove`: the API keys of the gateway. Only hashes are kept; a key is shown once. */

import { randomBytes } from 'node:crypto'
import { defined } from '../../../core/defined.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { messageOf } from '../../../core/thrown.ts'
import type { KeysReport } from '../../../gateway/admin/admin-actions.ts'
import type { KeyUsage } from '../../../gateway/allowance/allowance.ts'
import { hashKey, userOfHash } from '../../../gateway/door/credentials.ts'
import { type ApiKeyRecord, readApiKeys, writeApiKeys } from '../../../home/api-keys.ts'
import { type HomeFolder, prepareHome } from '../../../home/home-folder.ts'
import { livingDaemon } from '../../../home/home-lock.ts'
import type { Invocation, RunCommand } from '../../cli/command.ts'
import type { CommandContext } from '../../cli/context.ts'
import { EXIT } from '../../cli/exit-codes.ts'
import { printResult } from '../../cli/print.ts'
import { GatewayClient } from '../../client/gateway-client.ts'
import { keyChanges, withChanges } from './key-flags.ts'
import { keyTable } from './key-table.ts'

/** 256 bits: it cannot be guessed, and no salt is needed. */
const KEY_BYTES = 32

/** Enough to tell keys apart, too little to help a guess. */
const SHOWN_CHARACTERS = 8

export const addKey: RunCommand = async ({ args, flags, home, context }) => {
  const changes = keyChanges(flags, Date.now())
  await prepareHome(home)
  const earlier = await readApiKeys(home.apiKeys)
  const [label] = args
  assertUnused(label, earlier)
  const key = `sk-${randomBytes(KEY_BYTES).toString('base64url')}`
  const record: ApiKeyRecord = {
    sha256: hashKey(key),
    prefix: key.slice(0, SHOWN_CHARACTERS),
    created: new Date().toISOString(),
    ...defined({ label, ...changes }),
  }
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
  context.err(`changed ${shown(meant)}\n`)
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
  context.err(`removed ${shown(gone)}\n`)
  if (kept.length === 0) context.err('no key is left: everyone on this machine may use the gateway\n')
  return await tellNode(home, context)
}

/**
 * The key that a person means: by what `keys list` prints of it, by its label, or by the key itself. Throws `USAGE`
 * where there is none, or more than one.
 */
export function keyNamed(name: string, keys: readonly ApiKeyRecord[]): ApiKeyRecord {
  const start = name.replace(/(?:…|\.\.\.)$/, '')
  const hash = hashKey(name)
  const named = keys.filter(({ prefix, label, sha256 }) => label === name || prefix === start || sha256 === hash)
  const begun = start.length >= SHORTEST_NAME ? keys.filter(({ prefix }) => prefix.startsWith(start)) : []
  const [one, another] = named.length > 0 ? named : begun
  if (one === undefined) {
    throw new RealmeshError('USAGE', `there is no key ${name}`, { fix: 'realmesh keys list shows them' })
  }
  if (another === undefined) return one
  const all = (named.length > 0 ? named : begun).map(shown).join(', ')
  throw new RealmeshError('USAGE', `${name} may be any of ${all}`, {
    fix: 'name one by the characters that keys list shows, or by the whole key',
  })
}

/** Two keys of one label cannot be told apart by it. Throws `USAGE`. */
export function assertUnused(label: string | undefined, keys: readonly ApiKeyRecord[]): void {
  if (label === undefined || keys.every((key) => key.label !== label)) return
  throw new RealmeshError('USAGE', `there is a key with the label ${label} already`, {
    fix: `choose another, or change that one: realmesh keys change ${label}`,
  })
}

/** Every key begins with `sk-`: less than one character more names nothing. */
const SHORTEST_NAME = 4

function shown({ prefix, label }: Pick<ApiKeyRecord, 'prefix' | 'label'>): string {
  return label === undefined ? `${prefix}…` : `${prefix}… (${label})`
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
