/** Whether other nodes can open connections to this one. A hint for the operator, with doubt on the side of "unknown". */

export type Reachability = 'yes' | 'unknown' | 'no'

/** Nobody came although we have been there this long, milliseconds… */
export const UNREACHABLE_AFTER_MS = 10 * 60_000
/** …and although this many peers, who could all have dialled us, were dialled by us. */
export const UNREACHABLE_OUTBOUND = 4

/** The connections of this run. */
export interface ReachabilityEvidence {
  /** Whether any peer ever dialled us directly, not through a relay. */
  readonly everInbound: boolean
  /** Direct connections to different peers that we dialled and that are open now. */
  readonly outbound: number
  readonly uptimeMs: number
}

/** Pure: what the evidence allows to say. */
export function judgeReachability({ everInbound, outbound, uptimeMs }: ReachabilityEvidence): Reachability {
  if (everInbound) return 'yes'
  return uptimeMs >= UNREACHABLE_AFTER_MS && outbound >= UNREACHABLE_OUTBOUND ? 'no' : 'unknown'
}
