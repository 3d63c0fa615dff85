/** What configuration and status say of workers; how they work is in workers/. */

/** How a worker is chosen among those that fit; `auto` chooses among the others. */
export const STRATEGIES = ['health', 'round_robin', 'least_busy', 'random', 'fastest', 'auto'] as const
export type Strategy = (typeof STRATEGIES)[number]

/** One worker as people and programs that watch the node see it. */
export interface WorkerStatus {
  readonly name: string
  readonly engine: string
  readonly url: string
  /** Whether it can take a query of this node, now or when a slot is free. */
  readonly healthy: boolean
  /** 0 to 100. */
  readonly health: number
  readonly slots: number
  /** Those that the engine runs for others included. */
  readonly running: number
  readonly models: readonly string[]
  /** Tokens (images) per second of its fastest model; 0 until measured. */
  readonly decodeRate: number
  /** Why it takes no queries, or only those of this node. */
  readonly reason?: string
}
