/**
 * A user's account, and what changes its totals. The folding is pure: one place decides what a query or a credit is
 * worth.
 */

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

/** What one query adds to the account. */
export interface Charge {
  readonly startedAt: number
  readonly tookMs: number
  /** Credits. */
  readonly cost: number
  readonly promptTokens: number
  readonly completionTokens: number
}

/** Credits given by the operator, or taken when below zero. */
export interface Credit {
  /** Wall clock, milliseconds since the epoch. */
  readonly at: number
  readonly amountMicros: number
  readonly note: string
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

/** The account after one more query. */
export function chargedAccount(account: Account, charge: Charge): Account {
  // Written out: this runs for every query, and a copy of all fields takes ten times as long.
  const { guid, nickname, sysop, banned, createdAt, history, settings } = account
  const costMicros = Math.round(charge.cost * MICROS)
  return {
    guid,
    nickname,
    sysop,
    banned,
    createdAt,
    lastQueryAt: Math.max(account.lastQueryAt ?? 0, charge.startedAt),
    queryCount: account.queryCount + 1,
    totalTimeMs: account.totalTimeMs + charge.tookMs,
    totalCostMicros: account.totalCostMicros + costMicros,
    promptTokens: account.promptTokens + charge.promptTokens,
    completionTokens: account.completionTokens + charge.completionTokens,
    balanceMicros: account.balanceMicros - costMicros,
    history,
    settings,
  }
}

/** The account after one more credit. */
export function creditedAccount(account: Account, { amountMicros }: Credit): Account {
  return { ...account, balanceMicros: account.balanceMicros + amountMicros }
}
