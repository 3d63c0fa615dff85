/**
 * A user's account, and what changes it. The folding is pure: one place decides what a query or a credit is worth.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'

/** Amounts are whole millionths of a credit, so that sums are exact. */
export const MICROS = 1_000_000

export interface Account {
  readonly guid: string
  readonly nickname: string
  readonly sysop: boolean
  readonly banned: boolean
  readonly createdAt: number
  readonly lastQueryAt?: number
  /** Those that failed too. */
  readonly queryCount: number
  /** Of them, those that were served; absent in accounts of before it was counted. */
  readonly servedCount?: number
  /** Of served queries. */
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
  /** `served`, or how else it ended. */
  readonly outcome: string
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
    servedCount: 0,
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
  const served = charge.outcome === 'served'
  return {
    guid,
    nickname,
    sysop,
    banned,
    createdAt,
    lastQueryAt: Math.max(account.lastQueryAt ?? 0, charge.startedAt),
    queryCount: account.queryCount + 1,
    servedCount: servedCount(account) + (served ? 1 : 0),
    totalTimeMs: account.totalTimeMs + (served ? charge.tookMs : 0),
    totalCostMicros: account.totalCostMicros + costMicros,
    promptTokens: account.promptTokens + charge.promptTokens,
    completionTokens: account.completionTokens + charge.completionTokens,
    balanceMicros: account.balanceMicros - costMicros,
    history,
    settings,
  }
}

/** How many queries of the user were served. */
export function servedCount({ servedCount, queryCount }: Account): number {
  return servedCount ?? queryCount
}

/** The account after one more credit. */
export function creditedAccount(account: Account, { amountMicros }: Credit): Account {
  return { ...account, balanceMicros: account.balanceMicros + amountMicros }
}

/** What may be changed on an account from outside. */
export interface AccountChanges {
  readonly nickname?: string
  readonly sysop?: boolean
  readonly banned?: boolean
  readonly history?: boolean
  /** Replaces the entries that it names. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>
}

/** The account with the changes in it. Throws `BAD_REQUEST` for settings that are too many or too large. */
export function changedAccount(account: Account, { settings, ...plain }: AccountChanges): Account {
  return { ...account, ...plain, settings: mergeSettings(account.settings, settings ?? {}) }
}

/** Settings one account may hold, and the longest name and value: a stranger fills them. */
const MAX_SETTINGS = 64
const SETTING_NAME = /^[a-zA-Z][a-zA-Z0-9_.-]{0,63}$/
const MAX_SETTING_LENGTH = 4_096

function mergeSettings(before: Account['settings'], changes: Account['settings']): Account['settings'] {
  const entries = Object.entries(changes)
  for (const [name, value] of entries) {
    if (!SETTING_NAME.test(name) || name in Object.prototype || String(value).length > MAX_SETTING_LENGTH) {
      throw new RealmeshError('BAD_REQUEST', 'a setting has a plain name and a short value')
    }
  }
  const merged = { ...before, ...Object.fromEntries(entries) }
  if (Object.keys(merged).length > MAX_SETTINGS) throw new RealmeshError('BAD_REQUEST', 'too many settings')
  return merged
}
