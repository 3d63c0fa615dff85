/** `realmesh peers`: the nodes that this one knows. */
import type { PeerStatus } from '../../node/node-api.ts'
import type { RunCommand } from '../command.ts'
import { GatewayClient } from '../gateway-client.ts'
import { duration, shortId, textTable } from '../text-table.ts'

export const run: RunCommand = async ({ flags, home, context }) => {
  const client = await GatewayClient.connect(home, context.env)
  const reply = (await client.json('/api/peers')) as { readonly peers: readonly PeerStatus[] }
  if (flags['json'] === true) context.out(`${JSON.stringify(reply)}\n`)
  else
    context.out(describe(reply.peers) || 'no peers yet; join a swarm with --bootstrap, or start a second node here\n')
  return 0
}

function describe(peers: readonly PeerStatus[]): string {
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
      `${duration(peer.heardMsAgo)} ago`,
      peer.models.join(' '),
    ]),
  )
}

function linkOf(peer: PeerStatus): string {
  if (peer.draining) return 'draining'
  if (peer.paused) return 'paused'
  if (peer.breaker !== 'closed') return `breaker ${peer.breaker}`
  return peer.connected ? 'connected' : 'known'
}
