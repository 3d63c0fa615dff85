/**
 * What must be unique or findable across shards: nicknames and the first sysop, who is shut out, users that live
 * elsewhere than their hash says, moves under way, and the plan of shards. A small store of its own. A change that also
 * touches a user's shard leaves an intent here first, and the next start finishes or undoes it (user-store.ts,
 * user-eraser.ts, user-mover.ts).
 */
import type { Shard } from '../shard/shard.ts'
import { banKey, overrideKey } from './index-rows.ts'
import { UserBans } from './user-bans.ts'
import { adoptClaims, claimedRows, releaseClaims, UserClaims } from './user-claims.ts'
import { type Override, UserPlaces } from './user-places.ts'

/** What the shards tell of a user whose index rows were lost. */
export interface AdoptedUser {
  readonly user: string
  readonly nickname: string
  readonly sysop: boolean
  readonly banned: boolean
  readonly override?: Override
}

export class CrossShardIndex {
  readonly claims: UserClaims
  readonly places: UserPlaces
  readonly bans: UserBans
  readonly #shard: Shard

  constructor(components: { readonly shard: Shard }) {
    this.#shard = components.shard
    this.claims = new UserClaims(components)
    this.places = new UserPlaces(components)
    this.bans = new UserBans(components)
  }

  /** The store itself: for backups, and for the plan of shards, which its owner keeps there. */
  get shard(): Shard {
    return this.#shard
  }

  /** Call once before anything else. */
  async load(): Promise<void> {
    await Promise.all([this.places.load(), this.bans.load()])
  }

  /** Removes all that the index knows of a user. */
  async forget(user: string, nickname: string | undefined): Promise<void> {
    await this.#shard.transact({
      reads: claimedRows(nickname),
      apply: (view) => {
        releaseClaims(view, user, nickname)
        view.remove(overrideKey(user))
        view.remove(banKey(user))
      },
    })
    this.places.note(user, undefined)
    this.bans.note(user, false)
  }

  /** Writes what is known of users into an index that lost it. */
  async adopt(users: readonly AdoptedUser[]): Promise<void> {
    await this.#shard.transact({
      reads: users.flatMap(({ nickname }) => claimedRows(nickname)),
      apply: (view) => {
        for (const { user, nickname, sysop, banned, override } of users) {
          adoptClaims(view, user, nickname, sysop)
          if (banned) view.write(banKey(user), {})
          if (override !== undefined) view.write(overrideKey(user), override)
        }
      },
    })
    for (const { user, banned, override } of users) {
      if (override !== undefined) this.places.note(user, override)
      if (banned) this.bans.note(user, true)
    }
  }
}
