/**
 * Users that live elsewhere than the map of shards says, and moves under way. The switch of a move is one commit here.
 */
import type { Shard } from '../shard/shard.ts'
import type { TransactionView } from '../shard/transaction.ts'
import { MOVES_PREFIX, moveKey, OVERRIDES_PREFIX, overrideKey, rowsUnder } from './index-rows.ts'

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

/** Overrides dropped in one commit. */
const DROP_CHUNK = 1_000

export class UserPlaces {
  readonly #shard: Shard
  /** All of them: moved users are few once a rebalance has ended. */
  #overrides = new Map<string, Override>()

  constructor(components: { readonly shard: Shard }) {
    this.#shard = components.shard
  }

  /** Reads the overrides into memory. Call once before anything else. */
  async load(): Promise<void> {
    this.#overrides = await rowsUnder<Override>(this.#shard, OVERRIDES_PREFIX)
  }

  /** Reads the overrides of these users again, after a write whose outcome was unknown. */
  async reload(users: readonly string[]): Promise<void> {
    const found = await this.#shard.getMany<Override>(users.map(overrideKey))
    for (const [index, user] of users.entries()) this.note(user, found[index])
  }

  /** Where the user lives, when the map says otherwise. */
  override(user: string): Override | undefined {
    return this.#overrides.get(user)
  }

  overrides(): ReadonlyMap<string, Override> {
    return this.#overrides
  }

  /** Takes over what a commit of another part of the index wrote. */
  note(user: string, override: Override | undefined): void {
    if (override === undefined) this.#overrides.delete(user)
    else this.#overrides.set(user, override)
  }

  /** Says where a user lives before the account is written there. */
  async place(user: string, override: Override): Promise<void> {
    await this.#write((view) => {
      view.write(overrideKey(user), override)
    })
    this.#overrides.set(user, override)
  }

  /** Drops overrides that say what the map says anyway. */
  async drop(users: readonly string[]): Promise<void> {
    for (let at = 0; at < users.length; at += DROP_CHUNK) {
      const chunk = users.slice(at, at + DROP_CHUNK)
      await this.#write((view) => {
        for (const user of chunk) view.remove(overrideKey(user))
      })
      for (const user of chunk) this.#overrides.delete(user)
    }
  }

  /** Moves under way, by user. */
  async moves(): Promise<ReadonlyMap<string, MoveIntent>> {
    return await rowsUnder<MoveIntent>(this.#shard, MOVES_PREFIX)
  }

  /** Those of the users for whom a move is noted. */
  async moving(users: readonly string[]): Promise<readonly string[]> {
    const found = await this.#shard.getMany(users.map(moveKey))
    return users.filter((_, index) => found[index] !== undefined)
  }

  /** Notes moves of many users in one commit. */
  async beginMoves(moves: ReadonlyMap<string, MoveIntent>): Promise<void> {
    await this.#write((view) => {
      for (const [user, move] of moves) view.write(moveKey(user), move)
    })
  }

  /** The moment at which users live in their new shard: override and intent change in one commit. */
  async switchUsers(moves: ReadonlyMap<string, MoveIntent>, pinned: boolean): Promise<void> {
    await this.#write((view) => {
      for (const [user, move] of moves) {
        view.write(moveKey(user), { ...move, switched: true })
        view.write(overrideKey(user), { shard: move.to, pinned })
      }
    })
    for (const [user, move] of moves) this.#overrides.set(user, { shard: move.to, pinned })
  }

  async endMoves(users: Iterable<string>): Promise<void> {
    await this.#write((view) => {
      for (const user of users) view.remove(moveKey(user))
    })
  }

  async #write(apply: (view: TransactionView) => void): Promise<void> {
    await this.#shard.transact({ reads: [], apply })
  }
}
