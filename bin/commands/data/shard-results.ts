/** The stores of user data as people and scripts read them. */
import { cleanText } from '../../../core/clean-text.ts'
import type { NodeControl, ShardControl } from '../../../node/api/node-control.ts'
import { EXIT } from '../../cli/exit-codes.ts'
import type { Result } from '../../cli/print.ts'
import { textTable } from '../../cli/text-table.ts'

export type ShardsStatus = ReturnType<NodeControl['shards']['status']>

export type ShardChecks = { readonly shards: Awaited<ReturnType<ShardControl['verify']>> }

/** How the stores are, and how far a rebalance is. */
export function shardsResult(status: ShardsStatus, width: number): Result {
  const rows = status.shards.map(({ name, kind, state, records, commits, problem }) => [
    name,
    kind,
    state,
    String(records),
    String(commits),
    problem ?? '',
  ])
  const table = textTable(['SHARD', 'KIND', 'STATE', 'RECORDS', 'COMMITS', ''], rows, {
    width,
    spare: ['KIND', 'COMMITS'],
  })
  const warnings = status.warnings.map((line) => `! ${cleanText(line)}\n`)
  return { json: status, text: [table, movesOf(status), ...warnings].join('') }
}

function movesOf({ rebalance }: ShardsStatus): string {
  if (rebalance === undefined) return ''
  const { target, moved, waiting } = rebalance
  const reason = waiting === undefined ? '' : `; it waits: ${cleanText(waiting)}`
  return `users move to ${target.map((name) => cleanText(name)).join(', ')}: ${moved} so far${reason}\n`
}

/** What a look at every record showed; failed when something is wrong. */
export function checksResult(checks: ShardChecks, width: number): Result {
  const shards = [...checks.shards].sort((a, b) => (a.shard < b.shard ? -1 : 1))
  const rows = shards.map(({ shard, records, users, findings }) => [
    shard,
    String(records),
    String(users),
    findings.length === 0 ? 'whole' : findings.join('; '),
  ])
  return {
    json: checks,
    text: textTable(['STORE', 'RECORDS', 'USERS', ''], rows, { width }),
    status: checks.shards.every(({ findings }) => findings.length === 0) ? EXIT.ok : EXIT.failed,
  }
}
