/** Commands about users and what runs for them, through the running node: one row each. */
import { defined } from '../../../core/defined.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { KnownUser, PastQuery } from '../../../node/api/known-users.ts'
import type { RunningQuery, UserSettings } from '../../../node/api/node-control.ts'
import { type Invocation, type RunCommand, textFlag } from '../../cli/command.ts'
import { clockTime, formatDuration } from '../../cli/duration.ts'
import type { Result } from '../../cli/print.ts'
import { readGuid } from '../../cli/read-stdin.ts'
import { shortId, textTable } from '../../cli/text-table.ts'
import { actCommand } from './act-command.ts'

const guid = async (invocation: Invocation): Promise<object> => ({ guid: await readGuid(invocation) })

function onUser(act: string, body: typeof guid, what: (user: KnownUser) => string): RunCommand {
  return actCommand<KnownUser>({ act, body, tell: (user) => ({ json: user, note: what(user) }) })
}

/** With a word: whether texts are kept from now on. Without: what the user asked. */
const history: RunCommand = async (invocation) => {
  const run = invocation.args.length > 1 ? KEEPS_TEXTS : PAST_QUERIES
  return await run(invocation)
}

const KEEPS_TEXTS = actCommand<UserSettings>({
  act: 'users/settings',
  body: async (invocation) => ({ history: isOn('history', invocation), guid: await readGuid(invocation) }),
  tell: (settings) => ({
    json: settings,
    note: `prompts and answers are ${settings.history ? 'kept' : 'not kept'} from the next query on`,
  }),
})

const PAST_QUERIES = actCommand<{ readonly queries: readonly PastQuery[] }>({
  act: 'users/history',
  body: async (invocation) => ({ ...defined({ limit: limitOf(invocation) }), guid: await readGuid(invocation) }),
  tell: pastQueries,
})

export const USER_COMMANDS = {
  'users ban': onUser('users/ban', guid, ({ handle }) => `${handle} is shut out, and what ran for them has ended`),
  'users unban': onUser('users/unban', guid, ({ handle }) => `${handle} may ask again`),
  'users sysop': onUser(
    'users/sysop',
    async (invocation) => ({ on: isOn('sysop', invocation), guid: await readGuid(invocation) }),
    ({ handle, sysop }) => `${handle} is ${sysop ? 'a sysop' : 'no sysop'}`,
  ),
  'users history': history,
  'users credit': onUser(
    'users/credit',
    async (invocation) => ({
      credits: creditsOf(invocation),
      guid: await readGuid(invocation),
      ...defined({ id: textFlag(invocation.flags, 'id'), note: textFlag(invocation.flags, 'note') }),
    }),
    ({ handle, balance }) => `${handle} has ${balance} credits`,
  ),

  'queries list': actCommand<{ readonly queries: readonly RunningQuery[] }>({ act: 'queries/list', tell: running }),
  'queries end': actCommand<{ readonly terminated: number }>({
    act: 'queries/terminate',
    body: which,
    tell: (reply) => ({
      json: reply,
      note:
        reply.terminated === 0 ? 'nothing ended: realmesh queries list shows what runs' : `${reply.terminated} ended`,
    }),
  }),
} as const satisfies Readonly<Record<string, RunCommand>>

export type UserAct = keyof typeof USER_COMMANDS

function which({ args: [id], flags }: Invocation): object {
  const asked = defined({ id, user: textFlag(flags, 'user') })
  if (Object.keys(asked).length > 0) return asked
  throw new RealmeshError('USAGE', 'no query was named', {
    fix: 'name one by its id, or all of a user with --user WHO',
  })
}

function isOn(command: string, { args: [, word = ''] }: Invocation): boolean {
  if (word === 'on' || word === 'off') return word === 'on'
  throw new RealmeshError('USAGE', `${command} ${word}: expected on or off`, { fix: `realmesh users ${command} - off` })
}

function limitOf({ flags }: Invocation): number | undefined {
  const text = textFlag(flags, 'limit')
  if (text === undefined || /^[1-9]\d*$/.test(text)) return text === undefined ? undefined : Number(text)
  throw new RealmeshError('USAGE', `--limit ${text}: expected a number above 0`)
}

function creditsOf({ args: [, text = ''] }: Invocation): number {
  if (/^[+-]?\d+(\.\d+)?$/.test(text)) return Number(text)
  throw new RealmeshError('USAGE', `${text} is no number of credits`, { fix: 'write 10, or -2.5 to take some' })
}

function pastQueries({ queries }: { readonly queries: readonly PastQuery[] }, { context }: Invocation): Result {
  const rows = queries.map((query) => [
    clockTime(query.startedAt),
    query.type,
    query.modelServed ?? query.model,
    formatDuration(query.tookMs),
    String(query.cost),
    query.outcome,
  ])
  const heads = ['BEGAN', 'TYPE', 'MODEL', 'TOOK', 'COST', 'OUTCOME'] as const
  return { json: queries, text: textTable(heads, rows, { width: context.columns, spare: ['COST'] }) || 'nothing yet\n' }
}

function running({ queries }: { readonly queries: readonly RunningQuery[] }, { context }: Invocation): Result {
  const rows = queries.map(({ id, user, type, model, since, state, node }) => [
    ...[id, user, type, model, clockTime(since)],
    node === undefined ? state : `${state} at ${shortId(node)}`,
  ])
  const heads = ['QUERY', 'USER', 'TYPE', 'MODEL', 'SINCE', 'STATE'] as const
  return {
    json: queries,
    text: textTable(heads, rows, { width: context.columns, spare: ['TYPE'] }) || 'nothing runs\n',
  }
}
