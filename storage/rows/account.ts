/** A user's account and the ledger events that change it. The folding is pure: one place decides what an event is worth. */

/** Amounts are whole millionths of a credit, so that sums are exact. */
export const MICROS = 1_000_000

export interface Account {
  readonly guid: string
  readonly nickname: string
  readonly sysop: boolean
  readonly banned: boolean
  readonly createdAt: number
  readonly lastQueryAt?: number
  readonly queryCount: number
  readonly totalTimeMs: number
  readonly totalCostMicros: number
  readonly promptTokens: number
  readonly completionTokens: number
  /** What was credited, minus the costs. */
  readonly balanceMicros: number
  /** Whether prompts and answers are kept. */
  readonly history: boolean
  readonly settings: Readonly<Record<string, string | number | boolean>>
}

/** One query of the user. `peer` is the node that served it, when it was another one. */
export interface UsedEvent {
  readonly kind: 'used'
  readonly at: number
  readonly tookMs: number
  readonly costMicros: number
  readonly promptTokens: number
  readonly completionTokens: number
  readonly peer?: string
}

/** Credits given or taken by the operator. */
export interface CreditEvent {
  readonly kind: 'credit'
  readonly at: number
  readonly amountMicros: number
  readonly note: string
}

/** A query that this node served for a peer. */
export interface ServedEvent {
  readonly kind: 'served'
  readonly at: number
  readonly peer: string
  readonly tookMs: number
  readonly promptTokens: number
  readonly completionTokens: number
}

export type AccountEvent = UsedEvent | CreditEvent

/** What went one way between this node and a peer. */
export interface PeerTotals {
  readonly peer: string
  readonly queries: number
  readonly tookMs: number
  readonly promptTokens: number
  readonly completionTokens: number
}

/** A new user's account. History is on unless the node's default says otherwise. */
export function newAccount(init: {
  readonly guid: string
  readonly nickname: string
  readonly sysop: boolean
  readonly createdAt: number
  readonly history: boolean
}): Account {
  return {
    ...init,
    banned: false,
    queryCount: 0,
    totalTimeMs: 0,
    totalCostMicros: 0,
    promptTokens: 0,
    completionTokens: 0,
    balanceMicros: 0,
    settings: {},
  }
}

/** The account after one more event. */
export function foldAccount(account: Account, event: AccountEvent): Account {
  if (event.kind === 'credit') return { ...account, balanceMicros: account.balanceMicros + event.amountMicros }
  // Written out: this runs for every query, and a copy of all fields takes ten times as long.
  const { guid, nickname, sysop, banned, createdAt, history, settings } = account
  return {
    guid,
    nickname,
    sysop,
    banned,
    createdAt,
    lastQueryAt: Math.max(account.lastQueryAt ?? 0, event.at),
    queryCount: account.queryCount + 1,
    totalTimeMs: account.totalTimeMs + event.tookMs,
    totalCostMicros: account.totalCostMicros + event.costMicros,
    promptTokens: account.promptTokens + event.promptTokens,
    completionTokens: account.completionTokens + event.completionTokens,
    balanceMicros: account.balanceMicros - event.costMicros,
    history,
    settings,
  }
}

/** The totals after one more query served or used. */
export function foldPeer(
  totals: PeerTotals | undefined,
  event: ServedEvent | (UsedEvent & { peer: string }),
): PeerTotals {
  return addTotals(totals, {
    peer: event.peer,
    queries: 1,
    tookMs: event.tookMs,
    promptTokens: event.promptTokens,
    completionTokens: event.completionTokens,
  })
}

/** Two totals of one peer as one. */
export function addTotals(a: PeerTotals | undefined, b: PeerTotals): PeerTotals {
  if (a === undefined) return b
  return {
    peer: b.peer,
    queries: a.queries + b.queries,
    tookMs: a.tookMs + b.tookMs,
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
  }
}
