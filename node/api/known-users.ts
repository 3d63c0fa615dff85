/**
 * The users of this node as the gateway sees them: an account each, what they did, and whether they are shut out. A
 * GUID is a credential: it goes to its own user and to nobody else; a handle stands for it everywhere else.
 */
import type { RouteReceipt } from '../../core/query/receipt.ts'

export interface KnownUser {
  /** A credential: for the user's own eyes. */
  readonly guid: string
  /** What sysops are shown in its place; the acts of the operator take it too. Means nothing to any other node. */
  readonly handle: string
  /** Unique in this house, whatever the case of its letters. */
  readonly nickname: string
  readonly sysop: boolean
  readonly banned: boolean
  /** Whether prompts and answers are kept. */
  readonly history: boolean
  /** Wall clock, milliseconds since the epoch. */
  readonly createdAt: number
  /** Queries that were served. */
  readonly queryCount: number
  /** Of served queries, from their acceptance to their end, waits included. */
  readonly totalTimeMs: number
  /** Credits. */
  readonly totalCost: number
  /** What the operator credited, minus the costs. */
  readonly balance: number
}

export interface EnterOptions {
  /**
   * The first user of the home that enters so becomes its sysop: once, whatever becomes of them, and not where the
   * operator chose a sysop before. For those that come from this machine. @default false
   */
  readonly mayBecomeSysop?: boolean
}

/** A query that has ended. */
export interface PastQuery {
  readonly id: string
  readonly type: string
  readonly realm: string
  /** As the client asked. */
  readonly model: string
  /** Absent where nothing served it. */
  readonly modelServed?: string
  /** Wall clock when it was accepted, milliseconds since the epoch. */
  readonly startedAt: number
  /** Milliseconds from its acceptance to its end. */
  readonly tookMs: number
  /** Credits. */
  readonly cost: number
  readonly promptTokens: number
  readonly completionTokens: number
  /** `served`, `cancelled`, or the code of what ended it. */
  readonly outcome: string
  /** Where texts were asked for, and the user kept history then. */
  readonly prompt?: string
  readonly answer?: string
}

export interface PastQueries {
  /** Queries at most, up to 1,000. */
  readonly limit: number
  /** Only those that began before this time, milliseconds since the epoch. */
  readonly before?: number
  /** Prompts and answers come along. @default false */
  readonly texts?: boolean
  /** Only those that were served. @default false */
  readonly served?: boolean
}

/** Served queries of one type. */
export interface TypeTotals {
  readonly queries: number
  readonly timeMs: number
}

/** Of the whole house since it began, over restarts; a crash may lose the last seconds. */
export interface HouseTotals extends TypeTotals {
  /** Credits. */
  readonly cost: number
  /** By query type; without those that were never served. */
  readonly byType: Readonly<Record<string, TypeTotals>>
  /** Users connected at once. */
  readonly mostConnected: number
}

/**
 * `promoted`, `demoted`: sysop or not any more. `terminated`: the operator ended queries of theirs. `erased`: nothing
 * of them is kept any more.
 */
export type UserChangeKind =
  | 'banned'
  | 'unbanned'
  | 'promoted'
  | 'demoted'
  | 'renamed'
  | 'credited'
  | 'terminated'
  | 'erased'

export interface UserChange {
  readonly kind: UserChangeKind
  readonly guid: string
  readonly handle: string
}

export interface KnownUsers {
  /**
   * The account, made at first sight, once the user data is open. A user who is banned is told by `banned`, and not
   * refused here. Throws `BAD_REQUEST` for a GUID that is too long, `STORAGE_FULL`, `STORAGE_DAMAGED`.
   */
  enter(guid: string, options?: EnterOptions): Promise<KnownUser>
  /** Throws `NICKNAME_TAKEN`, `BAD_REQUEST`, `USER_NOT_FOUND`. */
  rename(guid: string, nickname: string): Promise<KnownUser>
  /** The user's queries, newest first; none of a user that is not known. */
  history(guid: string, page: PastQueries): Promise<readonly PastQuery[]>
  /** At once, from memory: the node refuses queries of the banned itself, doors ask for what is no query. */
  isBanned(guid: string): boolean
  handleOf(guid: string): string
  /** Credits that a query of that receipt is charged with; 0 unless it was served. */
  costOf(receipt: Pick<RouteReceipt, 'type' | 'outcome' | 'totalMs'>): number
  totals(): HouseTotals
  /** Raises the record of users connected at once. */
  noteConnected(count: number): void
  /** Tells of every change by anyone, right after it is in force. Returns how to stop. */
  onChange(tell: (change: UserChange) => void): () => void
}
