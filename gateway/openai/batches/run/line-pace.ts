/**
 * How many lines of a batch are asked at once: as many as idle rigs take. A few ask at a time; each that begins lets
 * the next ask, and one that is turned away stops the asking for a while, which grows as long as none begins. Pure:
 * each event makes a new value, `now` is an argument.
 */

/** Lines of one batch that ask or run at once: each is in memory, and none may take all of a large rig's attention. */
export const MAX_LINES_AT_ONCE = 64

/** Of these, lines that ask: with more, a full swarm would spend its time on refusals. */
export const MAX_LINES_ASKING = 4

/** How long nothing is asked after a refusal, milliseconds; doubled with each, up to the longest. */
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 10_000

export interface LinePace {
  readonly asking: number
  readonly begun: number
  /** Nothing is asked before. */
  readonly resumeAt: number
  /** How long the next refusal stops the asking. */
  readonly pauseMs: number
}

export const FRESH_PACE: LinePace = { asking: 0, begun: 0, resumeAt: 0, pauseMs: FIRST_PAUSE_MS }

export function mayAsk({ asking, begun, resumeAt }: LinePace, now: number): boolean {
  return asking < MAX_LINES_ASKING && asking + begun < MAX_LINES_AT_ONCE && now >= resumeAt
}

/** One more asks. */
export function afterAsk(pace: LinePace): LinePace {
  return { ...pace, asking: pace.asking + 1 }
}

/** One that asked has begun: there may be room for more. */
export function afterBegin(pace: LinePace): LinePace {
  return { ...pace, asking: pace.asking - 1, begun: pace.begun + 1, pauseMs: FIRST_PAUSE_MS }
}

/** One that had begun is over, however: its place is free. */
export function afterEnd(pace: LinePace, now: number): LinePace {
  return { ...pace, begun: pace.begun - 1, resumeAt: Math.min(pace.resumeAt, now) }
}

/** One that asked failed by itself: it says nothing of room. */
export function afterOwnFailure(pace: LinePace): LinePace {
  return { ...pace, asking: pace.asking - 1 }
}

/** One that asked was turned away. `retryAfterMs`: when it may come again, where that was said. */
export function afterTurnedAway(pace: LinePace, now: number, retryAfterMs = 0): LinePace {
  const asking = pace.asking - 1
  // Those that asked together are turned away together.
  if (now < pace.resumeAt) return { ...pace, asking }
  const pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(pace.pauseMs, retryAfterMs))
  return { ...pace, asking, resumeAt: now + pauseMs, pauseMs: Math.min(LONGEST_PAUSE_MS, pauseMs * 2) }
}
