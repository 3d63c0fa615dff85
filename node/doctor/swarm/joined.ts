/** Whether the DHT and gossip work with the peers that are connected. Pure. */
import type { Finding } from '../../../core/model/finding.ts'
import { found } from '../codes/found.ts'

/** `connected`: nodes of this network. */
export function judgeDht(size: number, connected: number): Finding {
  const facts = { size, connected }
  if (size > 0) return found('dht.ok', `the DHT knows ${size} nodes`, { facts })
  if (connected === 0) return found('dht.alone', 'no peer is connected, so the DHT is empty', { facts })
  return found('dht.empty', `${connected} peers are connected, and the DHT knows none`, { facts })
}

export function judgeGossip(gossip: { readonly topics: number; readonly peers: number }, connected: number): Finding {
  const facts = { ...gossip, connected }
  if (gossip.peers > 0) return found('gossip.ok', `load records are exchanged with ${gossip.peers} peers`, { facts })
  if (connected === 0) return found('gossip.alone', 'no peer is connected, so nothing is passed on', { facts })
  return found('gossip.no-mesh', `${connected} peers are connected, and none passes load records on`, { facts })
}
