/** Which shard a user lives in: the one that the plan's map gives, unless the index says otherwise. */
import { LRUCache } from 'lru-cache'
import type { UserPlaces } from '../index/user-places.ts'
import type { UserRef } from '../rows/keys.ts'
import { shardOf } from './shard-map.ts'
import type { ShardPlan } from './shard-plan.ts'
import type { ShardingConfig } from './sharding-config.ts'

/** Users whose place is kept at hand: each of their queries asks. */
const MAX_MAPPED = 4_096

export class UserLocator {
  readonly #places: UserPlaces
  readonly #prefixes: ReadonlyMap<string, string>
  readonly #mapped = new LRUCache<string, string>({ max: MAX_MAPPED })
  #plan: Pick<ShardPlan, 'current' | 'target'> = { current: [] }

  constructor(components: { readonly places: UserPlaces }, init: Pick<ShardingConfig, 'shardMap'>) {
    this.#places = components.places
    this.#prefixes = new Map(Object.entries(init.shardMap ?? {}))
  }

  /** From now on this plan counts. */
  follow(plan: Pick<ShardPlan, 'current' | 'target'>): void {
    this.#plan = plan
    this.#mapped.clear()
  }

  /** Name of the shard in which the user lives now. */
  placeOf(user: UserRef): string {
    return this.#places.override(user.key)?.shard ?? this.mapPlace(user)
  }

  /** Where the map alone puts a user, whatever the index says. */
  mapPlace(user: UserRef): string {
    let place = this.#mapped.get(user.key)
    if (place === undefined) {
      place = this.#placeAmong(this.#plan.current, user)
      this.#mapped.set(user.key, place)
    }
    return place
  }

  /**
   * Where a user that does not exist yet is to be created: while shards are rebalanced, where the user would be moved
   * to.
   */
  placeForNew(user: UserRef): string {
    return this.#placeAmong(this.#plan.target ?? this.#plan.current, user)
  }

  #placeAmong(shards: readonly string[], user: UserRef): string {
    return shardOf({ shards, prefixes: this.#prefixes }, user)
  }
}
