/** `realmesh peers`: the nodes that this one knows. */
import { cleanText } from '../../../core/clean-text.ts'
import { pathWord } from '../../../core/net/path.ts'
import type { NodeStatus, PeerStatus } from '../../../node/api/node-api.ts'
import type { RunCommand } from '../../cli/command.ts'
import { formatDuration, formatMillis } from '../../cli/duration.ts'
import { printResult } from '../../cli/print.ts'
import { shortId, textTable } from '../../cli/text-table.ts'
import { wrapLine } from '../../cli/wrap-text.ts'
import { GatewayClient } from '../../client/gateway-client.ts'
import { nameOfPeer } from '../../client/node-names.ts'

const NO_PEERS = `no peers yet: realmesh invite here and realmesh join LINE there add a machine
of yours; --bootstrap joins a network; nodes met before come once they are up
`

export const run: RunCommand = async (invocation) => {
  const { home, context } = invocation
  const client = await GatewayClient.connect(home, context.env)
  const { peers } = (await client.json('/api/peers')) as { readonly peers: readonly PeerStatus[] }
  const { troubles = [], denied = [] } = ((await client.json('/api/status')) as NodeStatus).peers
  const none = troubles.length > 0 ? 'no peers yet\n' : NO_PEERS
  const notes = troubles.map((line) => `${wrapLine(`! ${cleanText(line)}`, context.columns, 2)}\n`)
  const text = [describe(peers, context.columns) || none, ...notes, describeDenied(denied, context.columns)].join('')
  return printResult(invocation, { json: { peers, troubles, denied }, text })
}

function describe(peers: readonly PeerStatus[], width: number): string {
  return textTable(
    ['PEER', 'NAME', 'LABEL', 'RELATION', 'LINK', 'RTT', 'RUNNING', 'QUEUED', 'SUCCESS', 'HEARD', 'MODELS'],
    peers.map((peer) => [
      shortId(peer.id),
      cleanText(nameOfPeer(peer)),
      peer.label,
      relationOf(peer),
      linkOf(peer),
      peer.rttMs === undefined ? '-' : formatMillis(peer.rttMs),
      `${peer.running}/${peer.slots}`,
      String(peer.queued),
      peer.successRate === undefined ? '-' : `${Math.round(peer.successRate * 100)} %`,
      `${formatDuration(peer.heardMsAgo)} ago`,
      peer.models.join(' '),
    ]),
    { width, spare: ['LABEL', 'SUCCESS', 'QUEUED', 'HEARD', 'RUNNING', 'RTT'] },
  )
}

function describeDenied(denied: NodeStatus['peers']['denied'], width: number): string {
  if (denied.length === 0) return ''
  const rows = denied.map(({ id, reason, forMs }) => {
    return [shortId(id), forMs === undefined ? 'until unblocked' : `for ${formatDuration(forMs)}`, cleanText(reason)]
  })
  return `\n${textTable(['SHUT OUT', 'STILL', 'BECAUSE OF'], rows, { width })}`
}

/** Both ways, where they differ: each owner decides alone. */
function relationOf({ relation, theirs = relation }: PeerStatus): string {
  return theirs === relation ? relation : `${relation} (you: ${theirs})`
}

function linkOf(peer: PeerStatus): string {
  if (peer.draining) return 'draining'
  if (peer.paused) return 'paused'
  if (peer.breaker !== 'closed') return `breaker ${peer.breaker}`
  if (!peer.connected) return 'known'
  return peer.path === undefined ? 'connected' : pathWord(peer.path)
}
