/** By which ways the connected peers are reached. Pure. */
import { PATH_RANK, type PathKind } from '../../core/net/path.ts'
import type { PeerEntry } from '../../discovery/peers/peer-entry.ts'
import type { PathCount } from '../api/node-api.ts'

/** A row for each kind of way that leads to any, the best way first. */
export function pathCounts(peers: Iterable<Pick<PeerEntry, 'path' | 'rttMs'>>): readonly PathCount[] {
  const byKind = new Map<PathKind, (number | undefined)[]>()
  for (const { path, rttMs } of peers) {
    if (path !== undefined) byKind.set(path.kind, [...(byKind.get(path.kind) ?? []), rttMs])
  }
  return [...byKind]
    .sort(([a], [b]) => PATH_RANK[a] - PATH_RANK[b])
    .map(([kind, rtts]) => {
      const known = rtts.filter((rtt) => rtt !== undefined).sort((a, b) => a - b)
      const middle = known[known.length >> 1]
      return { kind, peers: rtts.length, ...(middle === undefined ? {} : { rttMs: middle }) }
    })
}
