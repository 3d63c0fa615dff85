/** How long an operator's change holds. */

/**
 * `written`: it stands in realms.yml, or in a file of the home, and outlasts a restart. `until the restart`: it is gone
 * with the process.
 */
export type Lasts = 'written' | 'until the restart'

export interface ChangeOptions {
  /** What is asked for. @default 'written' for what can stand in realms.yml, where the node was started with a file */
  readonly lasts?: Lasts | undefined
}

/** What became of a change that is in force now. */
export interface Changed {
  readonly lasts: Lasts
  /** Where it was written. */
  readonly file?: string
  /** What of it is written only, and in force after the next start: paths such as `node.http`. */
  readonly restart?: readonly string[]
  /** What the configuration wants now and cannot have, one line each. */
  readonly problems?: readonly string[]
}
