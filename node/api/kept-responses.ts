/** Where the gateway keeps answers that a user may come back to. What it keeps is its own text, and nobody else's. */

export interface KeptText {
  /** Wall clock when it was first kept, milliseconds since the epoch. */
  readonly at: number
  readonly text: string
}

/** A text that was found, with what came of its answer since where that still comes, or did when its node ended. */
export interface FoundText extends KeptText {
  /** In order. */
  readonly pieces?: readonly string[]
  /** Whether this node writes it, or another with which it shares the store. @default none: the answer has ended */
  readonly runs?: 'here' | 'elsewhere'
}

export interface KeepOptions {
  /** The commit may wait for company. @default false */
  readonly behind?: boolean
  /** The answer still comes: `append` takes what comes of it. @default false */
  readonly runs?: boolean
}

/** A response whose answer still came when this node ended. */
export interface UnfinishedResponse {
  readonly user: string
  readonly id: string
}

export interface KeptResponses {
  /**
   * Keeps a text under `id`, or replaces it and its pieces: in the user's data where they keep history, else in memory
   * and for an hour at most. `find` knows it at once; resolves once it is as safe as it gets, with whether it outlives
   * this process.
   */
  keep(user: string, id: string, kept: KeptText, options?: KeepOptions): Promise<boolean>
  /**
   * Keeps a piece behind a text that was kept with `runs`. `piece` is called when the commit begins, some moments
   * later, and again where that must be repeated. Resolves, once it is safe, with whether it was kept: not where the
   * user keeps no history, nor behind `MAX_PIECES` of them. Throws what the store says.
   */
  append(user: string, id: string, piece: () => string): Promise<boolean>
  /** What is kept under the id; undefined when there is nothing of this user. Throws `STORAGE_DAMAGED`. */
  find(user: string, id: string): Promise<FoundText | undefined>
  /** Resolves, once it is gone, with whether there was one. */
  remove(user: string, id: string): Promise<boolean>
  /** Those that this node has not ended, of all users: they ran when its process ended. */
  unfinished(): AsyncIterable<UnfinishedResponse>
}
