/** Of the connections to each peer the one that new lanes go over, as far as its path and round trip tell. Pure. */
import type { Connection } from '@libp2p/interface'
import { compareLinks } from './link-order.ts'
import { pathOf } from './path-of.ts'

/** By peer id. Connections that are closing are passed over. */
export function bestConnections(connections: readonly Connection[]): ReadonlyMap<string, Connection> {
  const best = new Map<string, Connection>()
  for (const connection of connections) {
    if (connection.status !== 'open') continue
    const peer = connection.remotePeer.toString()
    const other = best.get(peer)
    if (other === undefined || compareLinks(choiceOf(connection), choiceOf(other)) < 0) best.set(peer, connection)
  }
  return best
}

function choiceOf(connection: Connection) {
  return { path: pathOf(connection), rttMs: connection.rtt, suspect: false }
}
