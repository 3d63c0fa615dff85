/** The stores of user data as people and scripts read them. */
import { cleanText } from '../../core/clean-text.ts'
import type { NodeControl, ShardControl } from '../../node/api/node-control.ts'
import type { Invocation } from '../cli/command.ts'
import { EXIT } from '../cli/exit-codes.ts'
import { textTable } from '../cli/text-table.ts'
import { operatorCall } from './operator-client.ts'

export type ShardCheck = Awaited<ReturnType<ShardControl['verify']>>[number]

type ShardsStatus = ReturnType<NodeControl['shards']['status']>

/** Asks the node how its shards are, and prints that. */
export async function printShards(invocation: Invocation): Promise<void> {
  const status = (await operatorCall(invocation, 'shards/status')) as ShardsStatus
  const { flags, context } = invocation
  context.out(flags['json'] === true ? `${JSON.stringify(status)}\n` : describe(status))
}

/** Prints what a look at the stores showed. Gives the exit status: failed when something is wrong. */
export function printChecks({ flags, context }: Invocation, shards: readonly ShardCheck[]): number {
  if (flags['json'] === true) context.out(`${JSON.stringify({ shards })}\n`)
  else {
    const rows = shards.map((check) => [
      check.shard,
      String(check.records),
      String(check.users),
      check.findings.length === 0 ? 'whole' : check.findings.join('; '),
    ])
    context.out(textTable(['STORE', 'RECORDS', 'USERS', ''], rows))
  }
  return shards.every(({ findings }) => findings.length === 0) ? EXIT.ok : EXIT.failed
}

function describe({ shards, rebalance, warnings }: ShardsStatus): string {
  const rows = shards.map(({ name, kind, state, records, commits, problem }) => [
    name,
    kind,
    state,
    String(records),
    String(commits),
    problem ?? '',
  ])
  const table = textTable(['SHARD', 'KIND', 'STATE', 'RECORDS', 'COMMITS', ''], rows)
  return [table, movesOf(rebalance), ...warnings.map((line) => `! ${cleanText(line)}\n`)].join('')
}

function movesOf(rebalance: ShardsStatus['rebalance']): string {
  if (rebalance === undefined) return ''
  const { target, moved, waiting } = rebalance
  const reason = waiting === undefined ? '' : `; it waits: ${cleanText(waiting)}`
  return `users move to ${target.map((name) => cleanText(name)).join(', ')}: ${moved} so far${reason}\n`
}
