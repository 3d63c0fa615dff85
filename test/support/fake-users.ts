/**
 * Users in memory, as a node knows them: accounts at first sight, the first sysop, nicknames, bans, totals. What a test
 * wants of them it sets (`past`, `sums`), or does as the operator would (`ban`, `promote`).
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type {
  EnterOptions,
  HouseTotals,
  KnownUser,
  KnownUsers,
  PastQueries,
  PastQuery,
  UserChange,
  UserChangeKind,
} from '../../node/api/known-users.ts'

export class FakeUsers implements KnownUsers {
  /** By GUID. */
  readonly accounts = new Map<string, KnownUser>()
  /** Queries by GUID, newest first. */
  readonly past = new Map<string, readonly PastQuery[]>()
  sums: HouseTotals = { queries: 0, timeMs: 0, cost: 0, byType: {}, mostConnected: 0 }
  /** The user data is open. */
  readonly opening = undefined
  readonly #listeners = new Set<(change: UserChange) => void>()
  #hadSysop = false

  async enter(guid: string, { mayBecomeSysop = false }: EnterOptions = {}): Promise<KnownUser> {
    const user = this.accounts.get(guid) ?? this.change(guid, {})
    if (!mayBecomeSysop || this.#hadSysop || user.banned) return user
    this.#hadSysop = true
    const sysop = this.change(guid, { sysop: true })
    this.tell('promoted', guid)
    return sysop
  }

  async rename(guid: string, nickname: string): Promise<KnownUser> {
    if (!this.accounts.has(guid)) throw new RealmeshError('USER_NOT_FOUND', 'there is no such user')
    const same = nickname.trim().toLowerCase()
    if (same === '') throw new RealmeshError('BAD_REQUEST', 'a nickname has 1 to 64 characters')
    for (const user of this.accounts.values()) {
      if (user.guid !== guid && user.nickname.toLowerCase() === same) {
        throw new RealmeshError('NICKNAME_TAKEN', 'this nickname belongs to another user')
      }
    }
    const user = this.change(guid, { nickname })
    this.tell('renamed', guid)
    return user
  }

  async history(guid: string, { limit, before, texts, served }: PastQueries): Promise<readonly PastQuery[]> {
    return (this.past.get(guid) ?? [])
      .filter(({ startedAt, outcome }) => startedAt < (before ?? Infinity) && (served !== true || outcome === 'served'))
      .slice(0, limit)
      .map(({ prompt, answer, ...query }) => (texts === true ? { ...query, ...textsOf({ prompt, answer }) } : query))
  }

  isBanned(guid: string): boolean {
    return this.accounts.get(guid)?.banned === true
  }

  handleOf(guid: string): string {
    return `u.${Buffer.from(guid).toString('hex')}`
  }

  costOf({ outcome, totalMs }: { readonly outcome: string; readonly totalMs: number }): number {
    return outcome === 'served' ? 0.01 + totalMs / 1_000_000 : 0
  }

  totals(): HouseTotals {
    return this.sums
  }

  noteConnected(count: number): void {
    this.sums = { ...this.sums, mostConnected: Math.max(this.sums.mostConnected, count) }
  }

  onChange(tell: (change: UserChange) => void): () => void {
    this.#listeners.add(tell)
    return () => void this.#listeners.delete(tell)
  }

  /** As the operator does it; a real node also ends what runs for the user. */
  ban(guid: string): void {
    this.change(guid, { banned: true })
    this.tell('banned', guid)
  }

  unban(guid: string): void {
    this.change(guid, { banned: false })
    this.tell('unbanned', guid)
  }

  promote(guid: string): void {
    this.#hadSysop = true
    this.change(guid, { sysop: true })
    this.tell('promoted', guid)
  }

  /** Makes the account where there is none; tells nobody. */
  change(guid: string, changes: Partial<KnownUser>): KnownUser {
    const before = this.accounts.get(guid) ?? {
      guid,
      handle: this.handleOf(guid),
      nickname: `user-${this.accounts.size + 1}`,
      sysop: false,
      banned: false,
      history: true,
      createdAt: 1_700_000_000_000,
      queryCount: 0,
      totalTimeMs: 0,
      totalCost: 0,
      balance: 0,
    }
    const after = { ...before, ...changes }
    this.accounts.set(guid, after)
    return after
  }

  tell(kind: UserChangeKind, guid: string): void {
    for (const listener of [...this.#listeners]) listener({ kind, guid, handle: this.handleOf(guid) })
  }

  /** What a node does with every query. Throws `USER_BANNED`. */
  assertNotBanned(guid: string): void {
    if (this.isBanned(guid)) throw new RealmeshError('USER_BANNED', 'the operator of this node shut this user out')
  }
}

function textsOf({ prompt, answer }: { prompt: string | undefined; answer: string | undefined }): Partial<PastQuery> {
  return { ...(prompt !== undefined && { prompt }), ...(answer !== undefined && { answer }) }
}
