/**
 * What must be unique or findable across shards: nicknames, the first sysop, users that live elsewhere than their hash says, moves
 * under way, and the plan of shards. A small store of its own. A change that also touches a user's shard leaves an intent here
 * first, and the next start finishes or undoes it (user-store.ts, user-eraser.ts, user-mover.ts).
 *
 *   n/<nickname>  who has it        f          the first sysop          o/<user>  lives in another shard than the map says
 *   i/<user>      claim under way   m/<user>   move under way           g         plan of shards
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import { keyOf } from '../rows/keys.ts'
import type { Shard } from '../shard/shard.ts'
import type { TransactionView } from '../shard/transaction.ts'
import { keyAfter, prefixEnd } from '../store/shard-store.ts'
import type { ShardSpec } from './sharding-config.ts'

/** Longest nickname, in UTF-16 units. */
export const MAX_NICKNAME_LENGTH = 64

/** A change of a user's nickname, or his end, that reached the index and perhaps not yet the shard. */
export type ClaimIntent =
  | { readonly kind: 'nickname'; readonly guid: string; readonly nickname: string; readonly old?: string }
  | { readonly kind: 'erase'; readonly guid: string; readonly nickname?: string }

export interface MoveIntent {
  readonly from: string
  readonly to: string
  /** Whether `to` is where the user lives already, so that only the rest in `from` has to go. */
  readonly switched: boolean
}

export interface Override {
  readonly shard: string
  /** Whether the operator chose it, so that a rebalance leaves it alone. */
  readonly pinned: boolean
}

/** What the shards tell of a user whose index rows were lost. */
export interface AdoptedUser {
  readonly user: string
  readonly nickname: string
  readonly sysop: boolean
  readonly override?: Override
}

/** All shards that hold or may hold users, and which of them the map uses. */
export interface ShardPlan {
  readonly shards: readonly ShardSpec[]
  /** Names that the map uses now. */
  readonly current: readonly string[]
  /** Names that it will use when the rebalance under way is done. */
  readonly target?: readonly string[]
  /** Names of those that were opened once. */
  readonly opened?: readonly string[]
}

const PLAN_KEY = 'g'
const FIRST_SYSOP_KEY = 'f'
const nicknameKey = (nickname: string): string => `n/${keyOf(canonicalNickname(nickname))}`
/** Rows of claims under way; they hold GUIDs. */
export const INTENTS_PREFIX = 'i/'
const intentKey = (user: string): string => `${INTENTS_PREFIX}${user}`
const moveKey = (user: string): string => `m/${user}`
const overrideKey = (user: string): string => `o/${user}`

/** The form in which nicknames are compared. */
export function canonicalNickname(nickname: string): string {
  return nickname.normalize('NFKC').trim().toLowerCase()
}

/** Throws `BAD_REQUEST` unless `nickname` can be one. */
export function assertNickname(nickname: string): void {
  if (canonicalNickname(nickname) === '' || nickname.length > MAX_NICKNAME_LENGTH) {
    throw new RealmeshError('BAD_REQUEST', `a nickname has 1 to ${MAX_NICKNAME_LENGTH} characters`)
  }
}

interface Holder {
  readonly user: string
}

function claimNickname(view: TransactionView, user: string, nickname: string): void {
  const holder = view.read<Holder>(nicknameKey(nickname))
  if (holder !== undefined && holder.user !== user) {
    throw new RealmeshError('NICKNAME_TAKEN', 'this nickname belongs to another user', { fix: 'choose another one' })
  }
  view.write(nicknameKey(nickname), { user })
}

function releaseNickname(view: TransactionView, user: string, nickname: string): void {
  if (view.read<Holder>(nicknameKey(nickname))?.user === user) view.remove(nicknameKey(nickname))
}

export class CrossShardIndex {
  readonly #shard: Shard
  /** All overrides: moved users are few once a rebalance has ended. */
  readonly #overrides = new Map<string, Override>()

  constructor(components: { readonly shard: Shard }) {
    this.#shard = components.shard
  }

  /** The store itself, for backups. */
  get shard(): Shard {
    return this.#shard
  }

  /** Reads the overrides into memory. Call once before anything else. */
  async load(): Promise<void> {
    await this.each<Override>('o/', (user, override) => {
      this.#overrides.set(user, override)
    })
  }

  /** Reads the overrides of these users again, after a write whose outcome was unknown. */
  async reloadOverrides(users: readonly string[]): Promise<void> {
    const found = await this.#shard.getMany<Override>(users.map(overrideKey))
    for (const [index, user] of users.entries()) {
      const override = found[index]
      if (override === undefined) this.#overrides.delete(user)
      else this.#overrides.set(user, override)
    }
  }

  override(user: string): Override | undefined {
    return this.#overrides.get(user)
  }

  async plan(): Promise<ShardPlan | undefined> {
    return await this.#shard.get<ShardPlan>(PLAN_KEY)
  }

  async writePlan(plan: ShardPlan): Promise<void> {
    await this.#shard.transact({
      reads: [],
      apply: (view) => {
        view.write(PLAN_KEY, plan)
      },
    })
  }

  /**
   * Claims a new user's nickname, and the place of first sysop when `maySysop` and nobody has it. Leaves an intent: call `settle`
   * when the account is written. Throws `NICKNAME_TAKEN`. Returns whether the user is the first sysop.
   */
  async claimUser(user: string, intent: ClaimIntent & { kind: 'nickname' }, maySysop: boolean): Promise<boolean> {
    const reads = [nicknameKey(intent.nickname), FIRST_SYSOP_KEY]
    return await this.#shard.transact({
      reads,
      apply: (view) => {
        claimNickname(view, user, intent.nickname)
        view.write(intentKey(user), intent)
        const first = view.read<Holder>(FIRST_SYSOP_KEY)
        if (first === undefined && maySysop) view.write(FIRST_SYSOP_KEY, { user })
        return first === undefined ? maySysop : first.user === user
      },
    })
  }

  /** Claims another nickname for a user; the old one stays his until `settle`. Throws `NICKNAME_TAKEN`. */
  async claimRename(user: string, intent: ClaimIntent & { kind: 'nickname' }): Promise<void> {
    await this.#shard.transact({
      reads: [nicknameKey(intent.nickname)],
      apply: (view) => {
        claimNickname(view, user, intent.nickname)
        view.write(intentKey(user), intent)
      },
    })
  }

  async beginErase(user: string, intent: ClaimIntent & { kind: 'erase' }): Promise<void> {
    await this.#shard.transact({
      reads: [],
      apply: (view) => {
        view.write(intentKey(user), intent)
      },
    })
  }

  /**
   * Ends a nickname intent by what the shard holds now: `nickname` is what the account says, undefined when there is none.
   * What the user does not have is released.
   */
  async settle(user: string, intent: ClaimIntent & { kind: 'nickname' }, nickname: string | undefined): Promise<void> {
    const claimed = [intent.nickname, ...(intent.old === undefined ? [] : [intent.old])]
    const has = nickname === undefined ? undefined : canonicalNickname(nickname)
    await this.#shard.transact({
      reads: [...claimed.map(nicknameKey), FIRST_SYSOP_KEY],
      apply: (view) => {
        for (const name of claimed) if (canonicalNickname(name) !== has) releaseNickname(view, user, name)
        const first = view.read<Holder>(FIRST_SYSOP_KEY)
        if (nickname === undefined && first?.user === user) view.remove(FIRST_SYSOP_KEY)
        view.remove(intentKey(user))
      },
    })
  }

  /** Removes all that the index knows of a user. The place of first sysop stays taken: the next stranger must not inherit it. */
  async forget(user: string, nickname: string | undefined): Promise<void> {
    await this.#shard.transact({
      reads: [FIRST_SYSOP_KEY, ...(nickname === undefined ? [] : [nicknameKey(nickname)])],
      apply: (view) => {
        if (nickname !== undefined) releaseNickname(view, user, nickname)
        if (view.read<Holder>(FIRST_SYSOP_KEY)?.user === user) view.write(FIRST_SYSOP_KEY, { user: '' })
        view.remove(overrideKey(user))
        view.remove(intentKey(user))
      },
    })
    this.#overrides.delete(user)
  }

  /** Who has a nickname; undefined when nobody does. */
  async holderOf(nickname: string): Promise<string | undefined> {
    return (await this.#shard.get<Holder>(nicknameKey(nickname)))?.user
  }

  /** Writes moves of many users in one commit. */
  async writeMoves(moves: ReadonlyMap<string, MoveIntent>): Promise<void> {
    await this.#shard.transact({
      reads: [],
      apply: (view) => {
        for (const [user, move] of moves) view.write(moveKey(user), move)
      },
    })
  }

  /** Those of the users for whom a move is noted. */
  async movesOf(users: readonly string[]): Promise<readonly string[]> {
    const found = await this.#shard.getMany(users.map(moveKey))
    return users.filter((_, index) => found[index] !== undefined)
  }

  /** The moment at which users live in their new shard: override and intent change in one commit. */
  async switchUsers(moves: ReadonlyMap<string, MoveIntent>, pinned: boolean): Promise<void> {
    await this.#shard.transact({
      reads: [],
      apply: (view) => {
        for (const [user, move] of moves) {
          view.write(moveKey(user), { ...move, switched: true })
          view.write(overrideKey(user), { shard: move.to, pinned })
        }
      },
    })
    for (const [user, move] of moves) this.#overrides.set(user, { shard: move.to, pinned })
  }

  async endMoves(users: Iterable<string>): Promise<void> {
    await this.#shard.transact({
      reads: [],
      apply: (view) => {
        for (const user of users) view.remove(moveKey(user))
      },
    })
  }

  /** Says where a user lives before he is created there. */
  async place(user: string, override: Override): Promise<void> {
    await this.#shard.transact({
      reads: [],
      apply: (view) => {
        view.write(overrideKey(user), override)
      },
    })
    this.#overrides.set(user, override)
  }

  /** Drops overrides that say what the map says anyway. */
  async dropOverrides(users: readonly string[]): Promise<void> {
    for (let at = 0; at < users.length; at += DROP_CHUNK) {
      const chunk = users.slice(at, at + DROP_CHUNK)
      await this.#shard.transact({
        reads: [],
        apply: (view) => {
          for (const user of chunk) view.remove(overrideKey(user))
        },
      })
      for (const user of chunk) this.#overrides.delete(user)
    }
  }

  /** Writes what is known of users into an index that lost it. */
  async adopt(users: readonly AdoptedUser[]): Promise<void> {
    await this.#shard.transact({
      reads: [FIRST_SYSOP_KEY, ...users.map(({ nickname }) => nicknameKey(nickname))],
      apply: (view) => {
        for (const { user, nickname, sysop, override } of users) {
          if (view.read(nicknameKey(nickname)) === undefined) view.write(nicknameKey(nickname), { user })
          // Where there are users there was a first one, whoever it was: the next stranger must not become sysop.
          const first = view.read<Holder>(FIRST_SYSOP_KEY)
          if (first === undefined || (sysop && first.user === ''))
            view.write(FIRST_SYSOP_KEY, { user: sysop ? user : '' })
          if (override !== undefined) view.write(overrideKey(user), override)
        }
      },
    })
    for (const { user, override } of users) if (override !== undefined) this.#overrides.set(user, override)
  }

  overrides(): ReadonlyMap<string, Override> {
    return this.#overrides
  }

  async moves(): Promise<ReadonlyMap<string, MoveIntent>> {
    return await this.#collect<MoveIntent>('m/')
  }

  async claims(): Promise<ReadonlyMap<string, ClaimIntent>> {
    return await this.#collect<ClaimIntent>('i/')
  }

  /** Visits the rows under a prefix, page by page; `name` is what follows the prefix. */
  async each<T>(prefix: string, visit: (name: string, value: T) => void): Promise<void> {
    const lt = prefixEnd(prefix)
    let gte = prefix
    for (;;) {
      const page = await this.#shard.range<T>({ gte, lt, limit: 1_000 })
      for (const { key, value } of page) visit(key.slice(prefix.length), value)
      const last = page.at(-1)
      if (last === undefined || page.length < 1_000) return
      gte = keyAfter(last.key)
    }
  }

  async #collect<T>(prefix: string): Promise<ReadonlyMap<string, T>> {
    const all = new Map<string, T>()
    await this.each<T>(prefix, (name, value) => {
      all.set(name, value)
    })
    return all
  }
}

/** Overrides dropped in one commit. */
const DROP_CHUNK = 1_000
