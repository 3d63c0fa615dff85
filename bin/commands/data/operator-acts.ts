/** The operator's commands that are a call to the running node and no more: one row each. */
import { resolve } from 'node:path'
import { defined } from '../../../core/defined.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { NodeControl, UserControl } from '../../../node/api/node-control.ts'
import { type Invocation, type RunCommand, textFlag } from '../../cli/command.ts'
import { clockTime, formatDuration, parseDuration } from '../../cli/duration.ts'
import { EXIT } from '../../cli/exit-codes.ts'
import type { Result } from '../../cli/print.ts'
import { readGuid } from '../../cli/read-stdin.ts'
import { actCommand } from '../control/act-command.ts'
import { checksResult, type ShardChecks, type ShardsStatus, shardsResult } from './shard-results.ts'

const shardsTold = (status: ShardsStatus, { context }: Invocation): Result => shardsResult(status, context.columns)

/** An act on the stores, after which it is told how they are. */
function shardsCommand(act: string, body: (invocation: Invocation) => object): RunCommand {
  return actCommand<ShardsStatus>({ act, body, toldBy: 'shards/status', tell: shardsTold })
}

const nameOf = ({ args: [name] }: Invocation): object => ({ name })
const pauseOf = ({ args: [text] }: Invocation): number | undefined =>
  text === undefined ? undefined : parseDuration(text)
const folderOf = ({ args: [folder = ''] }: Invocation): string => resolve(folder)

export const OPERATOR_ACTS = {
  pause: actCommand({
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
  resume: actCommand({
    act: 'resume',
    tell: () => ({ json: { paused: false }, note: 'other nodes are served again' }),
  }),

  'shards status': actCommand<ShardsStatus>({ act: 'shards/status', tell: shardsTold }),
  'shards add': shardsCommand('shards/add', ({ args: [name], flags }) => ({
    name,
    ...defined({ connection_string: textFlag(flags, 'at') }),
  })),
  'shards drain': shardsCommand('shards/drain', nameOf),
  'shards rebalance': shardsCommand('shards/rebalance', ({ args: names }) => (names.length === 0 ? {} : { names })),
  'shards repair': shardsCommand('shards/repair', nameOf),
  'shards verify': actCommand<ShardChecks>({
    act: 'shards/verify',
    tell: (checks, { context }) => checksResult(checks, context.columns),
  }),

  'users erase': actCommand<Awaited<ReturnType<UserControl['erase']>>>({
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

  backup: actCommand<Awaited<ReturnType<NodeControl['backup']>>>({
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
