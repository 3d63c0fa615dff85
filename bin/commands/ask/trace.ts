/** `realmesh trace ID`: the receipt of a query, as a story. */
import { pathWord } from '../../../core/net/path.ts'
import type { Attempt, RouteReceipt } from '../../../core/query/receipt.ts'
import type { RunCommand } from '../../cli/command.ts'
import { formatMillis } from '../../cli/duration.ts'
import { printResult } from '../../cli/print.ts'
import { textTable } from '../../cli/text-table.ts'
import { GatewayClient } from '../../client/gateway-client.ts'
import { nodeNames, type ShowNode } from '../../client/node-names.ts'

export const run: RunCommand = async (invocation) => {
  const { args, home, context } = invocation
  const client = await GatewayClient.connect(home, context.env)
  const receipt = (await client.json(`/api/queries/${encodeURIComponent(args[0] ?? 'last')}`)) as RouteReceipt
  const text = describe(receipt, context.columns, await nodeNames(client))
  return printResult(invocation, { json: receipt, text })
}

function describe(receipt: RouteReceipt, width: number, show: ShowNode): string {
  const asked = receipt.modelAsked === '' ? 'any model' : receipt.modelAsked
  const ways = [
    receipt.continued ? 'continued on another node' : '',
    receipt.hedged ? 'a second node was asked too' : '',
    receipt.waitedMs === undefined ? '' : `it waited ${(receipt.waitedMs / 1000).toFixed(1)} s for a place`,
    receipt.searchedMs === undefined ? '' : `the network was searched for ${(receipt.searchedMs / 1000).toFixed(1)} s`,
  ]
  const lines = [
    `query    ${receipt.id}: ${receipt.type} in ${receipt.realm}, scope ${receipt.scope}`,
    `model    ${asked}${[undefined, asked].includes(receipt.modelServed) ? '' : `, served by ${receipt.modelServed}`}`,
    `outcome  ${[receipt.outcome, ...ways].filter((part) => part !== '').join(', ')}`,
    `time     ${receipt.totalMs.toFixed(0)} ms, of which this node's own ${(receipt.overheadUs / 1000).toFixed(2)} ms`,
  ]
  return `${lines.join('\n')}\n\n${attempts(receipt.attempts, width, show)}`
}

function attempts(all: readonly Attempt[], width: number, show: ShowNode): string {
  return textTable(
    ['TRY', 'NODE', 'WORKER', 'WAY', 'RTT', 'AT', 'FIRST', 'TOOK', 'EVENTS', 'TOKENS', 'OUTCOME', 'VERIFIED'],
    all.map((attempt, i) => [
      String(i + 1),
      show(attempt.node),
      attempt.served?.worker ?? attempt.worker ?? '-',
      attempt.path === undefined ? '-' : pathWord(attempt.path),
      attempt.rttMs === undefined ? '-' : formatMillis(attempt.rttMs),
      `${attempt.startedMs.toFixed(0)} ms`,
      attempt.firstEventMs === undefined ? '-' : `${attempt.firstEventMs.toFixed(0)} ms`,
      `${attempt.tookMs.toFixed(0)} ms`,
      String(attempt.events),
      attempt.completionTokens === undefined ? '-' : `${attempt.promptTokens}+${attempt.completionTokens}`,
      attempt.outcome,
      attempt.verified ?? '-',
    ]),
    { width, spare: ['EVENTS', 'AT', 'VERIFIED', 'FIRST', 'TOKENS'] },
  )
}
