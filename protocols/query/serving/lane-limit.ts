/** How many lanes one peer may have: the same for all, or by peer id. */
export type LaneLimit = number | ((peer: string) => number)

/** The number of lanes that `limit` grants to `peer`. */
export function lanesOf(limit: LaneLimit, peer: string): number {
  return typeof limit === 'number' ? limit : limit(peer)
}
