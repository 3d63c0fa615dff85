/** The operator's commands that are a call to the running node and no more: one row each. */
import { resolve } from 'node:path'
import { defined } from '../../../core/defined.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { NodeControl, UserControl, UserSettings } from '../../../node/api/node-control.ts'
import { type Invocation, type RunCommand, textFlag } from '../../cli/command.ts'
import { clockTime, formatDuration, parseDuration } from '../../cli/duration.ts'
import { EXIT } from '../../cli/exit-codes.ts'
import { printResult, type Result } from '../../cli/print.ts'
import { readGuid } from '../../cli/read-stdin.ts'
import { GatewayClient } from '../../client/gateway-client.ts'
import { checksResult, type ShardChecks, type ShardsStatus, shardsResult } from './shard-results.ts'

interface Act<Reply> {
  /** The row of gateway/admin/admin-actions.ts. */
  readonly act: string
  /** What is sent. Throws `USAGE`, before anything is. @default {} */
  readonly body?: (invocation: Invocation) => object | Promise<object>
  /** A further row, with an empty body, whose reply is told instead. */
  readonly toldBy?: string
  readonly tell: (reply: Reply, invocation: Invocation) => Result
}

function command<Reply>({ act, body, toldBy, tell }: Act<Reply>): RunCommand {
  return async (invocation) => {
    const sent = (await body?.(invocation)) ?? {}
    const client = await GatewayClient.connectAsOperator(invocation.home)
    const reply = await client.act(act, sent)
    return printResult(invocation, tell((toldBy === undefined ? reply : await client.act(toldBy)) as Reply, invocation))
  }
}

const shardsTold = (status: ShardsStatus, { context }: Invocation): Result => shardsResult(status, context.columns)

/** An act on the stores, after which it is told how they are. */
function shardsCommand(act: string, body: (invocation: Invocation) => object): RunCommand {
  return command<ShardsStatus>({ act, body, toldBy: 'shards/status', tell: shardsTold })
}

const nameOf = ({ args: [name] }: Invocation): object => ({ name })
const pauseOf = ({ args: [text] }: Invocation): number | undefined =>
  text === undefined ? undefined : parseDuration(text)
const folderOf = ({ args: [folder = ''] }: Invocation): string => resolve(folder)

export const OPERATOR_ACTS = {
  pause: command({
    act: 'pause',
    body: (invocation) => defined({ ms: pauseOf(invocation) }),
    tell: (_, invocation) => {
      const ms = pauseOf(invocation)
      const until =
        ms === undefined ? 'until realmesh resume' : `for ${formatDuration(ms)}, until ${clockTime(Date.now() + ms)}`
      return {
        json: { paused: true, ms: ms ?? null },
        note: `paused ${until}: own queries are served, others' are not`,
      }
    },
  }),
  resume: command({
    act: 'resume',
    tell: () => ({ json: { paused: false }, note: 'other nodes are served again' }),
  }),

  'shards status': command<ShardsStatus>({ act: 'shards/status', tell: shardsTold }),
  'shards add': shardsCommand('shards/add', ({ args: [name], flags }) => ({
    name,
    ...defined({ connection_string: textFlag(flags, 'at') }),
  })),
  'shards drain': shardsCommand('shards/drain', nameOf),
  'shards rebalance': shardsCommand('shards/rebalance', ({ args: names }) => (names.length === 0 ? {} : { names })),
  'shards repair': shardsCommand('shards/repair', nameOf),
  'shards verify': command<ShardChecks>({
    act: 'shards/verify',
    tell: (checks, { context }) => checksResult(checks, context.columns),
  }),

  'users erase': command<Awaited<ReturnType<UserControl['erase']>>>({
    act: 'users/erase',
    body: async (invocation) => {
      assertMeant(invocation)
      return { guid: await readGuid(invocation) }
    },
    tell: (erased) => ({
      json: erased,
      note: `${erased.rowsRemoved} records removed, and nothing is left`,
      ...(erased.notLookedAt.length > 0 && {
        warning: `out of service, and not looked at: ${erased.notLookedAt.join(', ')}; erase the user again when they are back`,
        status: EXIT.failed,
      }),
    }),
  }),
  'users history': command<UserSettings>({
    act: 'users/settings',
    body: async (invocation) => ({ history: wantedHistory(invocation), guid: await readGuid(invocation) }),
    tell: (settings) => ({
      json: settings,
      note: `prompts and answers are ${settings.history ? 'kept' : 'not kept'} from the next query on`,
    }),
  }),

  backup: command<Awaited<ReturnType<NodeControl['backup']>>>({
    act: 'backup',
    body: (invocation) => ({ directory: folderOf(invocation) }),
    tell: (report, invocation) => {
      const directory = folderOf(invocation)
      const { records, chunks, written, manifest } = report
      return {
        json: { directory, ...report },
        note: `${records} records in ${chunks} chunks, ${written} of them new: ${directory}, ${manifest}`,
      }
    },
  }),
} as const satisfies Readonly<Record<string, RunCommand>>

export type OperatorAct = keyof typeof OPERATOR_ACTS

function assertMeant({ flags }: Invocation): void {
  if (flags['yes'] === true) return
  throw new RealmeshError('USAGE', 'this cannot be undone', {
    fix: 'say --yes; realmesh users export keeps a copy first',
  })
}

function wantedHistory({ args: [, word = ''] }: Invocation): boolean {
  if (word === 'on' || word === 'off') return word === 'on'
  throw new RealmeshError('USAGE', `history ${word}: expected on or off`, { fix: 'realmesh users history - off' })
}
