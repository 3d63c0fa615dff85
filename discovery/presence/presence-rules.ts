/**
 * When a connected node is asked whether it is there, and what its silence means. Together they bound how long a node
 * that vanished without a word stays among those that can be chosen: 17 seconds.
 */

/** How often the links are looked at, milliseconds. */
export const LINK_LOOK_MS = 1_000
/** A node that has said nothing for so long is asked. */
export const ASK_AFTER_MS = 5_000
/** The end with the larger peer id waits so much longer: one question serves both ends. */
export const SECOND_TO_ASK_MS = 2_000
/** A node that was asked and has said nothing for so long is chosen for nothing until it speaks again. */
export const SILENT_AFTER_MS = 8_000
/** And after so long its connection is cut: a rig that computes on all of its cores answers late. */
export const CUT_AFTER_MS = 30_000
/** A look that comes so much later than it should says that this node was held up, not the others. */
export const HELD_UP_MS = 500

/** The protocol's id; the network is part of it, so that networks never mix. */
export function presenceProtocol(network: string): string {
  return `/realmesh/${network}/presence/1.0.0`
}

/** What is known of one link. Times are monotonic milliseconds. */
export interface LinkState {
  /** The last sign of life. */
  readonly heardAt: number
  /** When it was asked, and has not spoken since. */
  readonly askedAt: number | undefined
  /** Whether this end is the second to ask. */
  readonly second: boolean
}

/** What to do about a link now. */
export type LinkVerdict = 'wait' | 'ask' | 'silent' | 'cut'

/** Pure. */
export function judgeLink({ heardAt, askedAt, second }: LinkState, now: number): LinkVerdict {
  if (askedAt === undefined) {
    return now - heardAt >= ASK_AFTER_MS + (second ? SECOND_TO_ASK_MS : 0) ? 'ask' : 'wait'
  }
  const silentMs = now - askedAt
  if (silentMs >= CUT_AFTER_MS) return 'cut'
  return silentMs >= SILENT_AFTER_MS ? 'silent' : 'wait'
}
