/** `realmesh status`: how the node is, on one screen. */
import { cleanText } from '../../../core/clean-text.ts'
import type { NodeStatus } from '../../../node/api/node-api.ts'
import type { RunCommand } from '../../cli/command.ts'
import { clockTime, formatDuration } from '../../cli/duration.ts'
import { printResult } from '../../cli/print.ts'
import { textTable } from '../../cli/text-table.ts'
import { wrapLine } from '../../cli/wrap-text.ts'
import { GatewayClient } from '../../client/gateway-client.ts'

export const run: RunCommand = async (invocation) => {
  const { home, context } = invocation
  const client = await GatewayClient.connect(home, context.env)
  const status = (await client.json('/api/status')) as NodeStatus
  return printResult(invocation, { json: status, text: describe(status, client.address, context.columns) })
}

function describe(status: NodeStatus, address: string, width: number): string {
  const parts = [
    head(status, address),
    realms(status, width),
    workers(status, width),
    ...status.warnings.map((line) => `${wrapLine(`! ${cleanText(line)}`, width, 2)}\n`),
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function head(status: NodeStatus, address: string): string {
  const { peerId, version, network, federation, scope, share, addresses, ...rest } = status
  const { queries, peers } = rest
  const lines = [
    `node        ${cleanText(rest.name)}, ${peerId}${rest.draining ? ' (draining)' : ''}`,
    ...pause(rest),
    `version     ${version}, up ${formatDuration(rest.uptimeMs)}`,
    `programs    ${address}/v1 (OpenAI), ${address} (Anthropic, Ollama)`,
    `network     ${network}; asks ${scope}, serves ${share}`,
    `federation  ${federation.id}`,
    `label       ${cleanText(federation.label)}`,
    `peers       ${peers.connected} connected, ${peers.known} known${denials(peers)}`,
    `queries     ${queries.running} running, ${queries.served} served, ${queries.forwarded} by others, ${queries.failed} failed`,
    ...addresses.map((address, i) => `${i === 0 ? 'addresses ' : '          '}  ${address}`),
  ]
  return `${lines.join('\n')}\n`
}

function denials({ denied }: NodeStatus['peers']): string {
  return denied.length === 0 ? '' : `, ${denied.length} shut out (realmesh peers says why)`
}

function pause({ paused }: Pick<NodeStatus, 'paused'>): readonly string[] {
  if (paused === undefined) return []
  const end = paused.untilMs === undefined ? 'realmesh resume' : clockTime(paused.untilMs)
  return [`paused      by its owner until ${end}: own queries are served, others' are not`]
}

function realms({ realms: all }: NodeStatus, width: number): string {
  return textTable(
    ['REALM', 'TYPE', 'WORKERS', 'PEERS', 'RUNNING', 'QUEUED', 'DONE', 'ERRORS'],
    all.map((realm) => [
      realm.name,
      realm.primaryQueryType,
      String(realm.workers),
      String(realm.peers),
      `${realm.running}/${realm.slots}`,
      String(realm.queued),
      String(realm.processedQueries),
      String(realm.errorCount),
    ]),
    { width, spare: ['TYPE', 'DONE'] },
  )
}

function workers({ workers: all }: NodeStatus, width: number): string {
  return textTable(
    ['WORKER', 'ENGINE', 'HEALTH', 'RUNNING', 'TOKENS/S', 'MODELS', ''],
    all.map((worker) => [
      worker.name,
      worker.engine,
      worker.healthy ? String(worker.health) : 'down',
      `${worker.running}/${worker.slots}`,
      worker.decodeRate === 0 ? '-' : worker.decodeRate.toFixed(1),
      String(worker.models.length),
      worker.reason ?? '',
    ]),
    { width, spare: ['TOKENS/S', 'ENGINE', 'MODELS'] },
  )
}
