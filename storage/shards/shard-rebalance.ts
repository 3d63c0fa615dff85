/**
 * Moves users until all live where the plan's target puts them, then makes the target the plan. Runs beside queries;
 * what goes wrong is tried again until the shards stop, and the next start goes on.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { defined } from '../../core/defined.ts'
import type { Logger } from '../../core/logger.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { UserPlaces } from '../index/user-places.ts'
import type { UserRef } from '../rows/keys.ts'
import { accountsOf } from '../rows/user-rows.ts'
import type { Shard } from '../shard/shard.ts'
import type { ShardPlan } from './shard-plan.ts'
import type { UserMover } from './user-mover.ts'

/** Users that move together: enough to share syncs, few enough that none of them waits long. */
const MOVE_GROUP = 100

/** Pause before a rebalance that met an error looks again. */
const RETRY_MS = 1_000

/** What it needs of the shards. */
export interface RebalancedShards {
  readonly plan: ShardPlan
  adoptPlan(plan: ShardPlan): Promise<void>
  shard(name: string): Shard | undefined
  /** Throws why the shard is not open. */
  required(name: string): Shard
  shards(): readonly Shard[]
  placeOf(user: UserRef): string
  placeForNew(user: UserRef): string
  mapPlace(user: UserRef): string
  reopen(): Promise<void>
}

export interface ShardRebalanceComponents {
  readonly places: UserPlaces
  readonly mover: UserMover
  readonly shards: RebalancedShards
  readonly logger: Logger
}

export interface RebalanceProgress {
  /** Users moved since this start. */
  readonly moved: number
  /** Why it waits, when it does. */
  readonly waiting?: string
}

export class ShardRebalance {
  readonly #places: UserPlaces
  readonly #mover: UserMover
  readonly #shards: RebalancedShards
  readonly #logger: Logger
  #moved = 0
  #waiting: string | undefined
  #running: Promise<void> | undefined

  constructor(components: ShardRebalanceComponents) {
    this.#places = components.places
    this.#mover = components.mover
    this.#shards = components.shards
    this.#logger = components.logger
  }

  get progress(): RebalanceProgress {
    return { moved: this.#moved, ...defined({ waiting: this.#waiting }) }
  }

  /** Goes to work until the plan has no target any more, or `signal` aborts. */
  run(signal: AbortSignal): void {
    this.#moved = 0
    this.#running = this.#untilDone(signal).finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves when it is not at work. Never throws. */
  async settled(): Promise<void> {
    await this.#running
  }

  async #untilDone(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#shards.plan.target !== undefined) {
      try {
        if ((await this.#sweep(signal)) === 0 && !signal.aborted) await this.#finish()
        this.#waiting = undefined
      } catch (thrown) {
        this.#waiting = thrown instanceof RealmeshError ? thrown.message : String(thrown)
        this.#logger.warn({ reason: this.#waiting }, 'the rebalance waits')
        await delay(RETRY_MS, undefined, { signal }).catch(() => {})
        await this.#shards.reopen()
      }
    }
  }

  /** One walk over all users; moves those that live elsewhere than they should. Returns how many moved. */
  async #sweep(signal: AbortSignal): Promise<number> {
    let moved = 0
    for (const { name } of this.#shards.plan.shards) {
      if (this.#mayHoldMovers(name)) moved += await this.#sweepShard(name, signal)
    }
    return moved
  }

  async #sweepShard(name: string, signal: AbortSignal): Promise<number> {
    let moved = 0
    const groups = new Map<string, UserRef[]>()
    for await (const { user, account } of accountsOf(this.#shards.required(name))) {
      if (signal.aborted) return moved
      const ref = { guid: account.guid, key: user }
      const to = this.#destination(ref, name)
      if (to === name) continue
      const group = groups.get(to) ?? []
      group.push(ref)
      groups.set(to, group)
      if (group.length < MOVE_GROUP) continue
      groups.delete(to)
      moved += await this.#moveGroup(group, name, to)
    }
    for (const [to, group] of groups) moved += signal.aborted ? 0 : await this.#moveGroup(group, name, to)
    return moved
  }

  #mayHoldMovers(name: string): boolean {
    return this.#shards.plan.current.includes(name) || this.#shards.shard(name) !== undefined
  }

  /** Where a user found in `here` belongs. Rows that a cut-off move left behind stay: heal removes them. */
  #destination(user: UserRef, here: string): string {
    if (this.#shards.placeOf(user) !== here) return here
    const override = this.#places.override(user.key)
    const { target, current } = this.#shards.plan
    if (override?.pinned === true && (target ?? current).includes(override.shard)) return here
    return this.#shards.placeForNew(user)
  }

  async #moveGroup(users: readonly UserRef[], from: string, to: string): Promise<number> {
    const moved = await this.#mover.move(users, from, to)
    this.#moved += moved
    return moved
  }

  /** Everyone lives where the target says: it becomes the plan, and what the overrides repeat is dropped. */
  async #finish(): Promise<void> {
    const { target, ...rest } = this.#shards.plan
    if (target === undefined) return
    await this.#mover.heal()
    await this.#shards.adoptPlan({ ...rest, current: target })
    await this.#dropNeedlessOverrides()
  }

  /** An override whose user the map would send to the same shard. Only the shard that holds the user knows the GUID. */
  async #dropNeedlessOverrides(): Promise<void> {
    const needless: string[] = []
    for (const shard of this.#shards.shards()) {
      if (![...this.#places.overrides().values()].some((override) => override.shard === shard.name)) continue
      for await (const { user, account } of accountsOf(shard)) {
        const override = this.#places.override(user)
        if (override?.shard !== shard.name || override.pinned) continue
        if (this.#shards.mapPlace({ guid: account.guid, key: user }) === shard.name) needless.push(user)
      }
    }
    await this.#places.drop(needless)
  }
}
