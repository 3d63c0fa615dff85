/** A node's statement of how busy it is, per model: what travels in load records and what the router reads. */

/** The load of one model on one node. Rates are the engine's own, never those of a forwarded answer. */
export interface ModelLoad {
  /** Canonical model name. */
  readonly model: string
  /** Queries that can run at once. */
  readonly slots: number
  readonly running: number
  readonly queued: number
  /** Estimated wait of one more query before it runs. */
  readonly estimatedWaitMs: number
  /** Tokens per second of one running query; 0 when nothing was measured yet. For images: images per second. */
  readonly decodeRate: number
  /** Prompt tokens per second; 0 when nothing was measured yet. */
  readonly prefillRate: number
  /** Whether the model is in memory. */
  readonly warm: boolean
}

/**
 * How long a statement is believed after it has come, milliseconds: an idle node speaks every ten seconds, and one may
 * be lost.
 */
export const LOAD_BELIEVED_MS = 15_000

export interface NodeLoad {
  /** Grows with every statement of one run of a node. */
  readonly seq: number
  /** Wall clock of the sender, milliseconds. Only checked for gross skew; the receiver's own clock governs expiry. */
  readonly at: number
  /** Whether the node takes no new queries because it is about to stop. */
  readonly draining: boolean
  /** Whether its owner serves no others for now; for people, since it has no slots anyway. @default false */
  readonly paused?: boolean
  /**
   * Number of the node's card as it is now: who has another one fetches it anew. Absent on replies and from older
   * nodes.
   */
  readonly card?: number
  readonly models: readonly ModelLoad[]
  /** Of all workers together, each counted once however many models it has. Absent from older nodes. */
  readonly total?: NodeTotal
}

/** How busy a node is as a whole. */
export interface NodeTotal {
  readonly slots: number
  readonly running: number
  readonly queued: number
}
