/** What a registry tells of a swarm: sums over the nodes that this one knows, and those that want to be named. */

/** How many nodes there are of something, and how many queries they take at once. */
export interface NamedSum {
  /** A realm, a model or a version; empty: those that are not named. */
  readonly name: string
  readonly nodes: number
  readonly slots: number
}

/** A node whose owner wants it to be named. */
export interface ListedNode {
  readonly name: string
  /** Empty: none is given. */
  readonly contact: string
  /** What its owner calls its federation; proves nothing. */
  readonly label: string
  readonly version: string
  readonly share: string
  readonly models: readonly string[]
  readonly slots: number
}

/** One look at size and health. */
export interface SwarmSample {
  /** Wall clock, milliseconds. */
  readonly at: number
  /** Whose cards are known. */
  readonly nodes: number
  /** Those of them that were heard of lately. */
  readonly alive: number
  readonly federations: number
  readonly slots: number
  /** Queries that run at the alive, as far as they say. */
  readonly running: number
}

export interface SwarmSums extends SwarmSample {
  readonly network: string
  readonly realms: readonly NamedSum[]
  readonly models: readonly NamedSum[]
  readonly versions: readonly NamedSum[]
  readonly listed: readonly ListedNode[]
  /** Oldest first. */
  readonly history: readonly SwarmSample[]
}
