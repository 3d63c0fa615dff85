/** `realmesh status`: how the node is, on one screen. */
import { cleanText } from '../../../core/clean-text.ts'
import type { NodeStatus } from '../../../node/api/node-api.ts'
import type { RunCommand } from '../../cli/command.ts'
import { formatDuration } from '../../cli/duration.ts'
import { printResult } from '../../cli/print.ts'
import { textTable } from '../../cli/text-table.ts'
import { GatewayClient } from '../../client/gateway-client.ts'

export const run: RunCommand = async (invocation) => {
  const { home, context } = invocation
  const client = await GatewayClient.connect(home, context.env)
  const status = (await client.json('/api/status')) as NodeStatus
  return printResult(invocation, { json: status, text: describe(status) })
}

function describe(status: NodeStatus): string {
  const parts = [
    head(status),
    realms(status),
    workers(status),
    ...status.warnings.map((line) => `! ${cleanText(line)}\n`),
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function head({ peerId, version, network, federation, scope, share, addresses, ...rest }: NodeStatus): string {
  const { queries, peers } = rest
  const lines = [
    `node        ${peerId}${rest.draining ? ' (draining)' : ''}`,
    `version     ${version}, up ${formatDuration(rest.uptimeMs)}`,
    `network     ${network}, federation ${cleanText(federation.label)}; asks ${scope}, serves ${share}`,
    `peers       ${peers.connected} connected, ${peers.known} known`,
    `queries     ${queries.running} running, ${queries.served} served, ${queries.forwarded} by others, ${queries.failed} failed`,
    ...addresses.map((address, i) => `${i === 0 ? 'addresses ' : '          '}  ${address}`),
  ]
  return `${lines.join('\n')}\n`
}

function realms({ realms: all }: NodeStatus): string {
  return textTable(
    ['REALM', 'TYPE', 'WORKERS', 'RUNNING', 'QUEUED', 'DONE', 'ERRORS', ''],
    all.map((realm) => [
      realm.name,
      realm.primaryQueryType,
      String(realm.workers),
      `${realm.running}/${realm.slots}`,
      String(realm.queued),
      String(realm.processedQueries),
      String(realm.errorCount),
      realm.warning ?? '',
    ]),
  )
}

function workers({ workers: all }: NodeStatus): string {
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
  )
}
