/** How nodes are shown to people: by the name that the owner gave, or their own, beside the end of their id. */
import { cleanText } from '../../core/clean-text.ts'
import type { NodeStatus, PeerStatus } from '../../node/api/node-api.ts'
import { shortId } from '../cli/text-table.ts'
import type { GatewayClient } from './gateway-client.ts'

/** Shows a node by its peer id. */
export type ShowNode = (id: string) => string

/** As `desk (…6JvXMmcS)`; without the name where none is known. */
export function shownNode(id: string, name: string | undefined): string {
  const cleaned = cleanText(name ?? '')
  return cleaned === '' ? shortId(id) : `${cleaned} (${shortId(id)})`
}

/** Of a peer: what its owner calls it proves nothing, what the own owner calls it comes first. */
export function nameOfPeer({ called, name }: Pick<PeerStatus, 'called' | 'name'>): string {
  return called ?? name
}

/** As the gateway knows them now. Never rejects: a key that may not ask for peers sees ids. */
export async function nodeNames(client: Pick<GatewayClient, 'json'>): Promise<ShowNode> {
  try {
    const [{ peers }, { peerId, name }] = (await Promise.all([
      client.json('/api/peers'),
      client.json('/api/status'),
    ])) as [{ readonly peers: readonly PeerStatus[] }, NodeStatus]
    const names = new Map(peers.map((peer) => [peer.id, nameOfPeer(peer)])).set(peerId, name)
    return (id) => shownNode(id, names.get(id))
  } catch {
    return shortId
  }
}
