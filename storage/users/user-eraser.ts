/**
 * Removes everything that this node keeps of a user, then looks whether anything is left. Begun with an intent in the
 * index, so that a crash in the middle is finished by the next start.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CrossShardIndex } from '../index/cross-shard-index.ts'
import { INTENTS_PREFIX } from '../index/index-rows.ts'
import type { Account } from '../rows/account.ts'
import { userNotFound } from '../rows/account-change.ts'
import { accountKey, type UserRef, userPrefix, userRef } from '../rows/keys.ts'
import { removeUsers } from '../rows/user-rows.ts'
import type { DatabaseShardManager } from '../shards/database-shard-manager.ts'
import type { UserGate } from '../shards/user-gate.ts'
import { prefixEnd } from '../store/shard-store.ts'
import type { UserStore } from './user-store.ts'

export interface EraseUserComponents {
  readonly shards: DatabaseShardManager
  readonly index: CrossShardIndex
  readonly gate: UserGate
  readonly users: UserStore
}

export interface ErasedUser {
  readonly rowsRemoved: number
  /** Shards out of service, which could not be looked at; empty in good times. */
  readonly notLookedAt: readonly string[]
}

export class UserEraser {
  readonly #to: EraseUserComponents

  constructor(components: EraseUserComponents) {
    this.#to = components
  }

  /**
   * Throws `USER_NOT_FOUND`; `STORAGE_DAMAGED` when the user's shard is out of service; `STORAGE_FAILED` when something
   * is left.
   */
  async erase(guid: string): Promise<ErasedUser> {
    const user = userRef(guid)
    return await this.#to.gate.hold([user.key], async () => {
      const shard = this.#to.shards.shardFor(user)
      const account = await shard.get<Account>(accountKey(user.key))
      if (account === undefined) throw userNotFound()
      await this.#to.index.claims.beginErase(user.key, { kind: 'erase', guid, nickname: account.nickname })
      return await this.#finish(user, account.nickname)
    })
  }

  /** Ends erasures that were cut off. */
  async heal(): Promise<number> {
    let ended = 0
    for (const [key, intent] of await this.#to.index.claims.underWay()) {
      const user = { guid: intent.guid, key }
      if (intent.kind !== 'erase' || this.#to.shards.shard(this.#to.shards.placeOf(user)) === undefined) continue
      await this.#to.gate.hold([key], () => this.#finish(user, intent.nickname))
      ended += 1
    }
    return ended
  }

  async #finish(user: UserRef, nickname: string | undefined): Promise<ErasedUser> {
    const home = this.#to.shards.shardFor(user)
    // Queries recorded a moment ago may still wait for their commit.
    await home.flush()
    let rowsRemoved = 0
    for (const shard of this.#to.shards.shards()) {
      const removed = await removeUsers(shard, [user.key])
      if (removed > 0) await shard.reclaim(userPrefix(user.key), prefixEnd(userPrefix(user.key)))
      rowsRemoved += removed
    }
    this.#to.users.forget(user)
    await this.#to.index.forget(user.key, nickname)
    // The GUID lies in the rows of intents: its bytes are to go from the medium too.
    await this.#to.index.shard.reclaim(INTENTS_PREFIX, prefixEnd(INTENTS_PREFIX))
    await this.#verify(user, nickname)
    this.#to.users.forget(user)
    const notLookedAt = this.#to.shards.status().filter(({ name }) => this.#to.shards.shard(name) === undefined)
    return { rowsRemoved, notLookedAt: notLookedAt.map(({ name }) => name) }
  }

  async #verify(user: UserRef, nickname: string | undefined): Promise<void> {
    const prefix = userPrefix(user.key)
    for (const shard of this.#to.shards.shards()) {
      const left = await shard.range({ gte: prefix, lt: prefixEnd(prefix), limit: 1 })
      if (left.length > 0) throw leftOver(`shard ${shard.name}`)
    }
    const holder = nickname === undefined ? undefined : await this.#to.index.claims.holderOf(nickname)
    if (holder === user.key) throw leftOver('the index')
  }
}

function leftOver(where: string): RealmeshError {
  return new RealmeshError('STORAGE_FAILED', `some of the user's records are left in ${where}`, {
    fix: 'erase the user again',
  })
}
