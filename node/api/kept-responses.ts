/** Where the gateway keeps answers that a user may come back to. What it keeps is its own text, and nobody else's. */

export interface KeptText {
  /** Wall clock when it was first kept, milliseconds since the epoch. */
  readonly at: number
  readonly text: string
}

export interface KeptResponses {
  /**
   * Keeps a text under `id`, or replaces it: in the user's data where they keep history, else in memory and for an hour
   * at most. `find` knows it at once; resolves once it is as safe as it gets. `behind`: the commit may wait for
   * company.
   */
  keep(user: string, id: string, kept: KeptText, options?: { readonly behind?: boolean }): Promise<void>
  /** What is kept under the id; undefined when there is nothing of this user. Throws `STORAGE_DAMAGED`. */
  find(user: string, id: string): Promise<KeptText | undefined>
  /** Resolves, once it is gone, with whether there was one. */
  remove(user: string, id: string): Promise<boolean>
}
