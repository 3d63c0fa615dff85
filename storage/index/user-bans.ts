/**
 * Who is shut out: one row each, all of them in memory, so that a look costs nothing. Operators make them, one by one.
 * The account says it too, for those that read it; what stands here is what counts.
 */
import type { Shard } from '../shard/shard.ts'
import { BANS_PREFIX, banKey, rowsUnder } from './index-rows.ts'

export class UserBans {
  readonly #shard: Shard
  readonly #banned = new Set<string>()

  constructor(components: { readonly shard: Shard }) {
    this.#shard = components.shard
  }

  /** Reads them into memory. Call once before anything else. */
  async load(): Promise<void> {
    for (const user of (await rowsUnder(this.#shard, BANS_PREFIX)).keys()) this.#banned.add(user)
  }

  /** Whether the user is shut out, by the user's key. */
  has(user: string): boolean {
    return this.#banned.has(user)
  }

  /** Resolves once it is safe, with whether that changed anything. */
  async set(user: string, banned: boolean): Promise<boolean> {
    if (this.has(user) === banned) return false
    await this.#shard.transact({
      reads: [],
      apply: (view) => {
        if (banned) view.write(banKey(user), {})
        else view.remove(banKey(user))
      },
    })
    this.note(user, banned)
    return true
  }

  /** Takes over what a commit of another part of the index wrote. */
  note(user: string, banned: boolean): void {
    if (banned) this.#banned.add(user)
    else this.#banned.delete(user)
  }
}
