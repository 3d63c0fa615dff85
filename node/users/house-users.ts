/**
 * The users of the house: what the gateway asks of them, and what the operator does with them. It decides nothing that
 * the user data can decide; what it adds is that changes are told, and that what runs for the banned ends.
 */
import { randomUUID } from 'node:crypto'
import { defined } from '../../core/defined.ts'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { type Account, MICROS, servedCount } from '../../storage/rows/account.ts'
import type { QueryWithText } from '../../storage/rows/query-row.ts'
import type { UserData } from '../../storage/user-data.ts'
import type {
  EnterOptions,
  HouseTotals,
  KnownUser,
  KnownUsers,
  PastQueries,
  PastQuery,
  UserChange,
  UserChangeKind,
} from '../api/known-users.ts'
import type { NewCredit, WhichQueries } from '../api/node-control.ts'
import { userBanned } from '../api/user-banned.ts'
import type { BanWatch } from './ban-watch.ts'
import { costOf, type Prices } from './prices.ts'
import type { RunningQueries } from './running-queries.ts'
import type { UserHandles } from './user-handles.ts'

export interface HouseUsersComponents {
  readonly data: Pick<
    UserData,
    'opened' | 'user' | 'settled' | 'queries' | 'isBanned' | 'isShared' | 'users' | 'ledger'
  >
  readonly handles: UserHandles
  readonly running: RunningQueries
  /** Resolves when queries of the user that have ended are recorded. */
  readonly caughtUp: (user: string) => Promise<void>
  /** Looks after users of stores that several nodes share. */
  readonly watch?: Pick<BanWatch, 'saw'>
}

export interface HouseUsersInit {
  readonly prices: Prices
}

export class HouseUsers implements KnownUsers {
  readonly #data: HouseUsersComponents['data']
  readonly #handles: UserHandles
  readonly #running: RunningQueries
  readonly #caughtUp: (user: string) => Promise<void>
  readonly #watch: Pick<BanWatch, 'saw'> | undefined
  readonly #prices: Prices
  readonly #listeners = new Set<(change: UserChange) => void>()
  /** Until the user data is open: who is banned is not known before. */
  #opening: Promise<void> | undefined
  /** Whether the place of first sysop is taken: for good. */
  #hadSysop = false

  constructor({ data, handles, running, caughtUp, watch }: HouseUsersComponents, { prices }: HouseUsersInit) {
    this.#data = data
    this.#handles = handles
    this.#running = running
    this.#caughtUp = caughtUp
    this.#watch = watch
    this.#prices = prices
    this.#opening = data.opened.then(() => {
      this.#opening = undefined
    })
  }

  /** What to wait for before `isBanned` says anything; undefined once it does. */
  get opening(): Promise<void> | undefined {
    return this.#opening
  }

  async enter(guid: string, { mayBecomeSysop = false }: EnterOptions = {}): Promise<KnownUser> {
    await this.#upToDate(guid)
    const account = await this.#data.user(guid)
    if (this.#data.isShared(guid)) await this.follow(guid)
    if (!mayBecomeSysop || this.#hadSysop || account.sysop || this.isBanned(guid)) return this.#known(account)
    const after = await this.#data.users.becomeFirstSysop(guid)
    this.#hadSysop = true
    if (after.sysop) this.#tell('promoted', guid)
    return this.#known(after)
  }

  async rename(guid: string, nickname: string): Promise<KnownUser> {
    const account = await this.#data.users.update(guid, { nickname })
    this.#tell('renamed', guid)
    return this.#known(account)
  }

  async history(who: string, { limit, before, texts, served = false }: PastQueries): Promise<readonly PastQuery[]> {
    const guid = this.guidOf(who)
    await this.#upToDate(guid)
    const outcome = served ? 'served' : undefined
    const page = await this.#data.queries(guid, { limit, ...defined({ before, texts, outcome }) })
    return page.map(pastQuery)
  }

  isBanned(guid: string): boolean {
    this.#watch?.saw(guid)
    return this.#data.isBanned(guid)
  }

  handleOf(guid: string): string {
    return this.#handles.of(guid)
  }

  /** A handle's GUID; anything else is taken for a GUID itself. */
  guidOf(who: string): string {
    return this.#handles.guidOf(who) ?? who
  }

  costOf(receipt: Pick<RouteReceipt, 'type' | 'outcome' | 'totalMs'>): number {
    return costOf(receipt, this.#prices)
  }

  totals(): HouseTotals {
    if (this.#opening !== undefined) return { queries: 0, timeMs: 0, cost: 0, byType: {}, mostConnected: 0 }
    const { costMicros, ...sums } = this.#data.ledger.sums
    return { ...sums, cost: costMicros / MICROS }
  }

  noteConnected(count: number): void {
    if (this.#opening === undefined) this.#data.ledger.noteConnected(count)
  }

  onChange(tell: (change: UserChange) => void): () => void {
    this.#listeners.add(tell)
    return () => void this.#listeners.delete(tell)
  }

  /** For the operator: shuts the user out, and ends what runs for them. Throws `USER_NOT_FOUND`. */
  async ban(who: string): Promise<KnownUser> {
    const guid = this.guidOf(who)
    const account = await this.#data.users.ban(guid, true)
    this.#shutOut(guid)
    return this.#known(account)
  }

  /** Another node that has the same users may have shut this one out, or let them in again. */
  async follow(guid: string): Promise<void> {
    const banned = await this.#data.users.followBan(guid)
    if (banned === true) this.#shutOut(guid)
    else if (banned === false) this.#tell('unbanned', guid)
  }

  /** Throws `USER_NOT_FOUND`. */
  async unban(who: string): Promise<KnownUser> {
    const guid = this.guidOf(who)
    const account = await this.#data.users.ban(guid, false)
    this.#tell('unbanned', guid)
    return this.#known(account)
  }

  /** Throws `USER_NOT_FOUND`. */
  async setSysop(who: string, on: boolean): Promise<KnownUser> {
    const guid = this.guidOf(who)
    const account = await this.#data.users.update(guid, { sysop: on })
    this.#tell(on ? 'promoted' : 'demoted', guid)
    return this.#known(account)
  }

  /** Throws `USER_NOT_FOUND`, `BAD_REQUEST`. */
  async credit(who: string, { id = randomUUID(), credits, note = '' }: NewCredit): Promise<KnownUser> {
    const guid = this.guidOf(who)
    if (!Number.isFinite(credits) || Math.abs(credits) > MAX_CREDITS) {
      throw new RealmeshError('BAD_REQUEST', `a credit is a number up to ${MAX_CREDITS}`)
    }
    if (note.length > MAX_NOTE_LENGTH) {
      throw new RealmeshError('BAD_REQUEST', `the note of a credit has at most ${MAX_NOTE_LENGTH} characters`)
    }
    const account = await this.#data.users.credit(guid, id, credits, note)
    this.#tell('credited', guid)
    return this.#known(account)
  }

  /** Ends queries with `TERMINATED` and returns how many. */
  terminate({ id, user }: WhichQueries): number {
    if (id === undefined && user === undefined) return 0
    const guid = user === undefined ? undefined : this.guidOf(user)
    const ended = this.#running.end(
      (query) => (id === undefined || query.id === id) && (guid === undefined || query.user === guid),
      new RealmeshError('TERMINATED', 'the operator of the node ended this query', { fix: 'ask the operator why' }),
    )
    for (const of of ended.keys()) this.#tell('terminated', of)
    return [...ended.values()].reduce((sum, count) => sum + count, 0)
  }

  /** All that is kept of the user is gone. */
  noteErased(guid: string): void {
    this.#tell('erased', guid)
  }

  /** A query that ended a moment ago may still wait for its record. */
  async #upToDate(guid: string): Promise<void> {
    await this.#opening
    await this.#caughtUp(guid)
    await this.#data.settled(guid)
  }

  #shutOut(guid: string): void {
    this.#running.end((query) => query.user === guid, userBanned())
    this.#tell('banned', guid)
  }

  #known(account: Account): KnownUser {
    const { guid, nickname, sysop, history, createdAt, totalTimeMs, totalCostMicros, balanceMicros } = account
    return {
      guid,
      handle: this.handleOf(guid),
      nickname,
      sysop,
      banned: this.isBanned(guid),
      history,
      createdAt,
      queryCount: servedCount(account),
      totalTimeMs,
      totalCost: totalCostMicros / MICROS,
      balance: balanceMicros / MICROS,
    }
  }

  #tell(kind: UserChangeKind, guid: string): void {
    const change = { kind, guid, handle: this.handleOf(guid) }
    for (const tell of [...this.#listeners]) tell(change)
  }
}

/** Credits given or taken at once: far above what anyone owes, and sums of them stay exact. */
const MAX_CREDITS = 1_000_000

/** Characters of a credit's note: some sentences. */
const MAX_NOTE_LENGTH = 1_000

function pastQuery({
  kept: _,
  peer: __,
  worker: ___,
  modelServed,
  prompt,
  answer,
  ...query
}: QueryWithText): PastQuery {
  return { ...query, ...defined({ modelServed, prompt, answer }) }
}
