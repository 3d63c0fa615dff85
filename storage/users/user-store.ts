/**
 * Users: an account each, made at first sight. Creating and renaming touch the index and the user's shard; an intent in
 * the index ties the two together, so that a crash between them leaves neither a doubled nickname nor a lost one.
 */
import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { CrossShardIndex } from '../index/cross-shard-index.ts'
import { assertNickname, type NicknameIntent } from '../index/user-claims.ts'
import { type Account, type AccountChanges, type Credit, creditedAccount, MICROS, newAccount } from '../rows/account.ts'
import { changeOf, userNotFound } from '../rows/account-change.ts'
import { accountKey, creditKey, type UserRef, userRef } from '../rows/keys.ts'
import type { UserRecords } from '../rows/user-records.ts'
import { accountsOf } from '../rows/user-rows.ts'
import type { ShardRecord } from '../shard/record-reader.ts'
import type { Transaction } from '../shard/transaction.ts'
import type { DatabaseShardManager } from '../shards/database-shard-manager.ts'
import type { UserGate } from '../shards/user-gate.ts'
import type { StoreRange } from '../store/shard-store.ts'

/** Longest GUID, in UTF-16 units. Any string is one; this only keeps a stranger from storing megabytes as a name. */
export const MAX_GUID_LENGTH = 4_096

/** Accounts kept in memory: about a kilobyte each. */
const CACHED_ACCOUNTS = 2_000

/** How long a cached account may be trusted when other nodes write to the same store. */
const SHARED_CACHE_MS = 1_000

export interface UserStoreComponents {
  readonly shards: DatabaseShardManager
  readonly index: CrossShardIndex
  readonly gate: UserGate
  readonly clock: Pick<Clock, 'wall'>
}

export interface UserStoreInit {
  /** Whether new users keep prompts and answers. @default true */
  readonly historyByDefault?: boolean
}

export class UserStore implements UserRecords {
  readonly #shards: DatabaseShardManager
  readonly #index: CrossShardIndex
  readonly #gate: UserGate
  readonly #clock: Pick<Clock, 'wall'>
  readonly #init: Required<UserStoreInit>
  #changes = 0
  readonly #cache = new LRUCache<string, Account>({ max: CACHED_ACCOUNTS })

  constructor(components: UserStoreComponents, init: UserStoreInit = {}) {
    this.#shards = components.shards
    this.#index = components.index
    this.#gate = components.gate
    this.#clock = components.clock
    this.#init = { historyByDefault: true, ...init }
  }

  /** The user's account; undefined when the user is not known. */
  async find(guid: string): Promise<Account | undefined> {
    const user = userRef(guid)
    const cached = this.#cache.get(user.key)
    if (cached !== undefined) return cached
    const changes = this.#changes
    const shard = this.#shards.shardFor(user)
    const account = await shard.get<Account>(accountKey(user.key))
    // What was read may be older than what was changed meanwhile: then it is not kept.
    if (account !== undefined && changes === this.#changes) {
      this.#cache.set(user.key, account, shard.shared ? { ttl: SHARED_CACHE_MS } : {})
    }
    return account
  }

  /**
   * The user's account, made when the user is not known. Throws `NICKNAME_TAKEN` when `nickname` belongs to another
   * user.
   */
  async getOrCreate(guid: string, nickname?: string): Promise<Account> {
    assertGuid(guid)
    return (await this.find(guid)) ?? (await this.#create(userRef(guid), nickname))
  }

  /**
   * Changes an account; who is made sysop takes the place of the first one, where it is free. Throws `USER_NOT_FOUND`,
   * `NICKNAME_TAKEN`.
   */
  async update(guid: string, changes: Omit<AccountChanges, 'banned'>): Promise<Account> {
    const user = userRef(guid)
    if (changes.sysop === true) {
      if ((await this.find(guid)) === undefined) throw userNotFound()
      // In this order: what is cut off in between leaves nobody the place.
      await this.#index.claims.closeSysop(user.key)
    }
    if (changes.nickname !== undefined) return await this.#rename(user, changes.nickname, changes)
    return await this.#change(user, changes)
  }

  /**
   * Makes the user sysop if the home never had one; resolves with the account as it is then. Throws `USER_NOT_FOUND`.
   */
  async becomeFirstSysop(guid: string): Promise<Account> {
    const user = userRef(guid)
    return await this.#gate.hold([user.key], async () => {
      const account = await this.#shards.shardFor(user).get<Account>(accountKey(user.key))
      if (account === undefined) throw userNotFound()
      const claimed = await this.#index.claims.claimSysop(user.key, { kind: 'sysop', guid })
      return claimed ? await this.#makeSysop(user) : account
    })
  }

  /** Whether the user is shut out, from memory. */
  isBanned(guid: string): boolean {
    return this.#index.bans.has(userRef(guid).key)
  }

  /** Shuts the user out or lets them in again, over restarts. Throws `USER_NOT_FOUND`. */
  async ban(guid: string, banned: boolean): Promise<Account> {
    const user = userRef(guid)
    return await this.#gate.hold([user.key], async () => {
      const shard = this.#shards.shardFor(user)
      if ((await shard.get<Account>(accountKey(user.key))) === undefined) throw userNotFound()
      // In this order: what is cut off in between leaves the user shut out.
      if (banned) await this.#index.bans.set(user.key, true)
      const account = await shard.transact(changeOf(user, { banned }))
      this.forget(user)
      if (!banned) await this.#index.bans.set(user.key, false)
      return account
    })
  }

  /**
   * Takes over what the account says, which another node may have changed that has the same store. Resolves with
   * whether the user is shut out now, where that changed.
   */
  async followBan(guid: string): Promise<boolean | undefined> {
    const user = userRef(guid)
    return await this.#gate.hold([user.key], async () => {
      const account = await this.#shards.shardFor(user).get<Account>(accountKey(user.key))
      const banned = account?.banned === true
      return (await this.#index.bans.set(user.key, banned)) ? banned : undefined
    })
  }

  /** Gives credits (or takes them, below zero). The same `id` counts once. */
  async credit(guid: string, id: string, credits: number, note: string): Promise<Account> {
    const user = userRef(guid)
    const credit: Credit = { at: this.#clock.wall(), amountMicros: Math.round(credits * MICROS), note }
    const account = accountKey(user.key)
    const seen = creditKey(user.key, `credit ${id}`)
    const after = await this.transact(user, {
      reads: [account, seen],
      apply: (view) => {
        const before = view.read<Account>(account)
        if (before === undefined) throw userNotFound()
        if (view.read(seen) !== undefined) return before
        const credited = creditedAccount(before, credit)
        view.create(seen, credit)
        view.write(account, credited)
        return credited
      },
    })
    this.forget(user)
    return after
  }

  /** All users of the shards in service. The GUIDs among them are credentials. */
  async *all(): AsyncGenerator<Account> {
    for (const shard of this.#shards.shards()) {
      for await (const { user, account } of accountsOf(shard)) {
        if (this.#shards.placeOf({ guid: account.guid, key: user }) === shard.name) yield account
      }
    }
  }

  transact<T>(user: UserRef, transaction: Transaction<T>): Promise<T> {
    return this.#shards.transact(user, transaction)
  }

  async range<T>(user: UserRef, range: StoreRange): Promise<ShardRecord<T>[]> {
    return await this.#shards.shardFor(user).range<T>(range)
  }

  async getMany<T>(user: UserRef, keys: readonly string[]): Promise<(T | undefined)[]> {
    return await this.#shards.shardFor(user).getMany<T>(keys)
  }

  async flush(user: UserRef): Promise<void> {
    await this.#shards.shardFor(user).flush()
  }

  /** Drops a user from memory whose account changed or is no more. */
  forget(user: UserRef): void {
    this.#changes += 1
    this.#cache.delete(user.key)
  }

  /** Ends claims that a crash cut off, by what the shards hold. Claims of users in shards out of service are left. */
  async heal(): Promise<number> {
    let ended = 0
    for (const [key, intent] of await this.#index.claims.underWay()) {
      if (intent.kind === 'erase') continue
      const user = { guid: intent.guid, key }
      const shard = this.#shards.shard(this.#shards.placeOf(user))
      if (shard === undefined) continue
      const account = await shard.get<Account>(accountKey(key))
      if (intent.kind === 'nickname') await this.#index.claims.settle(key, intent, account?.nickname)
      else if (account === undefined) await this.#index.claims.settleSysop(key)
      else await this.#makeSysop(user)
      ended += 1
    }
    return ended
  }

  async #create(user: UserRef, wished: string | undefined): Promise<Account> {
    if (wished !== undefined) assertNickname(wished)
    // Random, not derived: a nickname is public and must not help to guess the GUID.
    const nickname = wished ?? `user-${randomBytes(6).toString('hex')}`
    return await this.#gate.hold([user.key], async () => {
      const existing = await this.#shards.shardFor(user).get<Account>(accountKey(user.key))
      if (existing !== undefined) return existing
      const intent = { kind: 'nickname', guid: user.guid, nickname } as const
      const place = this.#shards.placeForNew(user)
      if (place !== this.#shards.placeOf(user))
        await this.#index.places.place(user.key, { shard: place, pinned: false })
      await this.#index.claims.claimNickname(user.key, intent)
      const account = newAccount({
        guid: user.guid,
        nickname,
        sysop: false,
        createdAt: this.#clock.wall(),
        history: this.#init.historyByDefault,
      })
      return await this.#finishClaim(user, intent, () =>
        this.#shards.shardFor(user).transact({
          reads: [accountKey(user.key)],
          apply: (view) => {
            const found = view.read<Account>(accountKey(user.key))
            if (found === undefined) view.write(accountKey(user.key), account)
            return found ?? account
          },
        }),
      )
    })
  }

  async #rename(user: UserRef, nickname: string, changes: AccountChanges): Promise<Account> {
    assertNickname(nickname)
    return await this.#gate.hold([user.key], async () => {
      const before = await this.#shards.shardFor(user).get<Account>(accountKey(user.key))
      if (before === undefined) throw userNotFound()
      const intent = { kind: 'nickname', guid: user.guid, nickname, old: before.nickname } as const
      await this.#index.claims.claimNickname(user.key, intent)
      return await this.#finishClaim(user, intent, () =>
        this.#shards.shardFor(user).transact(changeOf(user, { ...changes, nickname })),
      )
    })
  }

  /**
   * Writes the account that a claim is for, then ends the claim. When the write failed its outcome may be unknown: the
   * intent stays for `heal`, unless the store says plainly that nothing was written.
   */
  async #finishClaim(user: UserRef, intent: NicknameIntent, write: () => Promise<Account>): Promise<Account> {
    const account = await write()
    this.forget(user)
    await this.#index.claims.settle(user.key, intent, account.nickname)
    return account
  }

  /** Writes into the account what was claimed, and ends the claim. */
  async #makeSysop(user: UserRef): Promise<Account> {
    const account = await this.#shards.shardFor(user).transact(changeOf(user, { sysop: true }))
    this.forget(user)
    await this.#index.claims.settleSysop(user.key)
    return account
  }

  async #change(user: UserRef, changes: AccountChanges): Promise<Account> {
    const account = await this.transact(user, changeOf(user, changes))
    this.forget(user)
    return account
  }
}

/** Throws `BAD_REQUEST` for a GUID that is too long to be kept. */
function assertGuid(guid: string): void {
  if (guid.length > MAX_GUID_LENGTH) {
    throw new RealmeshError('BAD_REQUEST', `a GUID has at most ${MAX_GUID_LENGTH} characters`)
  }
}
