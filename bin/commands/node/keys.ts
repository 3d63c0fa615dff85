/** `realmesh keys add|list|remove`: the API keys that open the gateway. Only hashes are kept; a key is shown once. */

import { createHash, randomBytes } from 'node:crypto'
import { defined } from '../../../core/defined.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { isScope } from '../../../core/scope.ts'
import { type ApiKeyRecord, readApiKeys, writeApiKeys } from '../../../home/api-keys.ts'
import { prepareHome } from '../../../home/home-folder.ts'
import { type Invocation, type RunCommand, textFlag } from '../../cli/command.ts'
import { printResult } from '../../cli/print.ts'
import { textTable } from '../../cli/text-table.ts'

/** 256 bits: it cannot be guessed, and no salt is needed. */
const KEY_BYTES = 32

/** Enough to tell keys apart, too little to help a guess. */
const SHOWN_CHARACTERS = 8

export const addKey: RunCommand = async ({ args, flags, home, context }) => {
  const scope = textFlag(flags, 'scope')
  if (scope !== undefined && !isScope(scope)) {
    throw new RealmeshError('USAGE', `${scope} is not a scope`, { fix: 'use local, home, friends or public' })
  }
  await prepareHome(home)
  const key = `sk-${randomBytes(KEY_BYTES).toString('base64url')}`
  const record: ApiKeyRecord = {
    sha256: createHash('sha256').update(key).digest('hex'),
    prefix: key.slice(0, SHOWN_CHARACTERS),
    created: new Date().toISOString(),
    ...defined({ label: args[0], scope }),
  }
  await writeApiKeys(home.apiKeys, [...(await readApiKeys(home.apiKeys)), record])
  context.out(`${key}\n`)
  context.err('keep it: it is not shown again. A running node takes it at its next start\n')
  return 0
}

export const listKeys: RunCommand = async (invocation) => {
  const keys = (await readApiKeys(invocation.home.apiKeys)).map(({ prefix, label, created, scope }) => ({
    prefix,
    label,
    created,
    scope,
  }))
  const text = table(keys) || 'no keys: everyone on this machine may use the gateway\n'
  return printResult(invocation, { json: { keys }, text })
}

export const removeKey: RunCommand = async ({ args, home, context }: Invocation) => {
  const prefix = args[0] ?? ''
  const keys = await readApiKeys(home.apiKeys)
  const kept = keys.filter((key) => key.prefix !== prefix)
  if (kept.length === keys.length) {
    throw new RealmeshError('USAGE', `there is no key ${prefix}`, { fix: 'realmesh keys list shows them' })
  }
  await writeApiKeys(home.apiKeys, kept)
  context.err(`removed ${prefix}; a running node refuses it from its next start\n`)
  return 0
}

function table(keys: readonly Pick<ApiKeyRecord, 'prefix' | 'label' | 'created' | 'scope'>[]): string {
  return textTable(
    ['KEY', 'LABEL', 'SCOPE', 'CREATED'],
    keys.map((key) => [`${key.prefix}…`, key.label ?? '-', key.scope ?? '-', key.created]),
  )
}
