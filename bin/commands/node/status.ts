/** `realmesh status`: how the node is, on one screen. */
import { cleanText } from '../../../core/clean-text.ts'
import type { NodeStatus } from '../../../node/api/node-api.ts'
import type { RunCommand } from '../../cli/command.ts'
import { clockTime, formatDuration, formatMillis } from '../../cli/duration.ts'
import { printResult } from '../../cli/print.ts'
import { shortId, textTable } from '../../cli/text-table.ts'
import { wrapLine } from '../../cli/wrap-text.ts'
import { GatewayClient } from '../../client/gateway-client.ts'

const WAY_WORDS: Readonly<Record<NonNullable<NodeStatus['waysIn']['first']>['way'], string>> = {
  remembered: 'remembered from an earlier run',
  mdns: 'found in the local network',
  bootstrap: 'a bootstrap peer',
  invitation: 'by an invitation',
  rendezvous: 'found at the public rendezvous',
  called: 'which called this node',
}

/** Parts of the traffic that are told by name. */
const TOLD_PARTS = 3

export const run: RunCommand = async (invocation) => {
  const { home, context } = invocation
  const client = await GatewayClient.connect(home, context.env)
  const status = (await client.json('/api/status')) as NodeStatus
  return printResult(invocation, { json: status, text: describe(status, client.address, context.columns) })
}

function describe(status: NodeStatus, address: string, width: number): string {
  const parts = [
    head(status, address, width),
    realms(status, width),
    workers(status, width),
    ...status.warnings.map((line) => `${wrapLine(`! ${cleanText(line)}`, width, 2)}\n`),
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function head(status: NodeStatus, address: string, width: number): string {
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
    `peers       ${peers.connected} connected${ways(peers)}, ${peers.known} known${denials(peers)}`,
    ...wayIn(rest, width),
    ...reached(rest),
    ...stuck(rest),
    ...carried(rest),
    `queries     ${queries.running} running, ${queries.served} served, ${queries.forwarded} by others, ${queries.failed} failed`,
    ...addresses.map((address, i) => `${i === 0 ? 'addresses ' : '          '}  ${address}`),
  ]
  return `${lines.join('\n')}\n`
}

/** Of a node that is older than the command nothing is told. */
function ways({ paths = [] }: Partial<NodeStatus['peers']>): string {
  const told = paths.map(
    ({ kind, peers, rttMs }) => `${peers} ${kind}${rttMs === undefined ? '' : ` ${formatMillis(rttMs)}`}`,
  )
  return told.length === 0 ? '' : ` (${told.join(', ')})`
}

/** What the swarm has cost so far; most of it by which parts. */
function carried({ traffic, uptimeMs }: Partial<Pick<NodeStatus, 'traffic'>> & Pick<NodeStatus, 'uptimeMs'>): string[] {
  if (traffic === undefined) return []
  const { sent, received, parts, background } = traffic
  const perHour = (bytes: number): string => `${((bytes / Math.max(uptimeMs, 60_000)) * 3.6).toFixed(1)} MB/h`
  const largest = Object.entries(parts)
    .map(([part, bytes]) => ({ part, bytes: bytes.sent + bytes.received }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, TOLD_PARTS)
    .map(({ part, bytes }) => `${part} ${perHour(bytes)}`)
  const spent = background.spent ? `; the budget of ${background.mbPerDay} MB a day is used up for now` : ''
  return [`traffic     ${[`${perHour(sent + received)} in all`, ...largest].join(', ')}${spent}`]
}

/** How the first peer came; where there is none, what a person can do. */
function wayIn({ waysIn }: Partial<Pick<NodeStatus, 'waysIn'>>, width: number): readonly string[] {
  const { first, next = [] } = waysIn ?? {}
  if (next.length > 0) {
    return next.map((line, i) => wrapLine(`${i === 0 ? 'alone     ' : '          '}  ${line}`, width, 12))
  }
  if (first === undefined) return []
  const seconds = (first.afterMs / 1_000).toFixed(1)
  return [`joined      ${seconds} s after the start: ${shortId(first.peer)}, ${WAY_WORDS[first.way]}`]
}

const ZONES: Readonly<Record<NonNullable<NodeStatus['reach']['zone']>, string>> = {
  public: 'others dial it from everywhere',
  private: 'others dial it in the local network',
  machine: 'others dial it on this machine',
}

/** Of peers over relays: which of them stay there, and why. */
function stuck({ reach }: Partial<NodeStatus>): readonly string[] {
  const { webRtc, waiting, hopeless } = reach?.direct ?? {}
  if (webRtc !== 'ready' && webRtc !== undefined && (waiting ?? 0) + (hopeless ?? 0) > 0) {
    return [`direct      not through routers: ${WHY_NOT_DIRECT[webRtc]}`]
  }
  if (hopeless === undefined || hopeless === 0) return []
  return [
    `direct      no way to ${hopeless} ${hopeless === 1 ? 'peer' : 'peers'}, which relays bring; tried again later`,
  ]
}

const WHY_NOT_DIRECT: Readonly<Record<Exclude<NodeStatus['reach']['direct']['webRtc'], 'ready'>, string>> = {
  missing: 'npm install @libp2p/webrtc',
  broken: '@libp2p/webrtc does not run on this machine',
  off: 'node.webrtc.enabled is false',
}

/** Of a node that is older than the command nothing is told. */
function reached({ reach }: Partial<NodeStatus>): readonly string[] {
  if (reach === undefined) return []
  const { dialable, zone, relays, carried } = reach
  const through = relays.map((id) => `…${id.slice(-8)}`).join(' and ')
  const megabytes = Math.round(carried.bytes / 1_000_000)
  const carries = carried.bytes === 0 ? '' : `; carried ${megabytes} MB for others, ${carried.circuits} now`
  if (relays.length > 0) return [`reached     through relays: ${through}${carries}`]
  if (dialable === 'yes') return [`reached     ${ZONES[zone ?? 'machine']}${carries}`]
  return [
    `reached     ${dialable === 'no' ? 'others cannot dial it, and there is no relay' : 'not known yet'}${carries}`,
  ]
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
