/** `realmesh peers`: the nodes that this one knows. */
import type { PeerStatus } from '../../../node/api/node-api.ts'
import type { RunCommand } from '../../cli/command.ts'
import { formatDuration } from '../../cli/duration.ts'
import { printResult } from '../../cli/print.ts'
import { shortId, textTable } from '../../cli/text-table.ts'
import { GatewayClient } from '../../client/gateway-client.ts'

export const run: RunCommand = async (invocation) => {
  const { home, context } = invocation
  const client = await GatewayClient.connect(home, context.env)
  const reply = (await client.json('/api/peers')) as { readonly peers: readonly PeerStatus[] }
  const text =
    describe(reply.peers, context.columns) ||
    'no peers yet; join a swarm with --bootstrap, or start a second node here\n'
  return printResult(invocation, { json: reply, text })
}

function describe(peers: readonly PeerStatus[], width: number): string {
  return textTable(
    ['PEER', 'LABEL', 'RELATION', 'LINK', 'RTT', 'RUNNING', 'QUEUED', 'SUCCESS', 'HEARD', 'MODELS'],
    peers.map((peer) => [
      shortId(peer.id),
      peer.label,
      peer.relation,
      linkOf(peer),
      peer.rttMs === undefined ? '-' : `${peer.rttMs.toFixed(1)} ms`,
      `${peer.running}/${peer.slots}`,
      String(peer.queued),
      peer.successRate === undefined ? '-' : `${Math.round(peer.successRate * 100)} %`,
      `${formatDuration(peer.heardMsAgo)} ago`,
      peer.models.join(' '),
    ]),
    { width, spare: ['SUCCESS', 'QUEUED', 'RTT', 'HEARD', 'LABEL'] },
  )
}

function linkOf(peer: PeerStatus): string {
  if (peer.draining) return 'draining'
  if (peer.paused) return 'paused'
  if (peer.breaker !== 'closed') return `breaker ${peer.breaker}`
  return peer.connected ? 'connected' : 'known'
}
