/**
 * The shards of a node: opens them, sends each change to the shard in which its user lives, and adds, drains and
 * rebalances shards while queries run. The plan of shards and every step of a move are in the index, so a crash at any
 * point is finished by the next start.
 */
import { type Logger, silentLogger } from '../../core/logger.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Startable } from '../../core/run/startable.ts'
import type { CrossShardIndex } from '../index/cross-shard-index.ts'
import { type UserRef, userRef } from '../rows/keys.ts'
import type { Shard } from '../shard/shard.ts'
import type { Transaction } from '../shard/transaction.ts'
import { checkShard, type ShardCheck } from './shard-check.ts'
import type { ShardOpening } from './shard-opening.ts'
import { mergePlan, readPlan, type ShardPlan, withOpened, writePlan } from './shard-plan.ts'
import { type RebalanceProgress, ShardRebalance } from './shard-rebalance.ts'
import { ShardSlots, shardNotFound } from './shard-slots.ts'
import { type ShardStatus, shardStatus } from './shard-status.ts'
import { assertShardName, type ShardingConfig, type ShardSpec } from './sharding-config.ts'
import type { UserGate } from './user-gate.ts'
import { UserLocator } from './user-locator.ts'
import { UserMover } from './user-mover.ts'

export interface ShardManagerComponents {
  readonly index: CrossShardIndex
  readonly opening: Pick<ShardOpening, 'open' | 'acceptRepair'>
  readonly gate: UserGate
  readonly logger?: Logger
}

export interface RebalanceStatus extends RebalanceProgress {
  /** Names of the shards over which users will be spread. */
  readonly target: readonly string[]
}

export class DatabaseShardManager implements Startable {
  readonly #index: CrossShardIndex
  readonly #gate: UserGate
  readonly #config: ShardingConfig
  readonly #slots: ShardSlots
  readonly #locator: UserLocator
  readonly #mover: UserMover
  readonly #rebalance: ShardRebalance
  #plan: ShardPlan = { shards: [], current: [] }
  #reopening: Promise<void> | undefined
  #stopping = new AbortController()

  constructor({ index, opening, gate, logger = silentLogger }: ShardManagerComponents, init: ShardingConfig) {
    this.#index = index
    this.#gate = gate
    this.#config = init
    const wasOpened = (name: string): boolean => this.#plan.opened?.includes(name) === true
    this.#slots = new ShardSlots({ opening, wasOpened, logger })
    this.#locator = new UserLocator({ places: index.places }, init)
    this.#mover = new UserMover({
      places: index.places,
      index: index.shard,
      gate,
      shard: (name) => this.shard(name),
      placeOf: (user) => this.placeOf(user),
    })
    this.#rebalance = new ShardRebalance({ places: index.places, mover: this.#mover, shards: this, logger })
  }

  /**
   * Opens every shard of the plan; a damaged or unavailable one does not keep the others from serving. Finishes cut-off
   * moves. `prepare` runs when the shards are open and nothing has moved yet.
   */
  async start(prepare?: () => Promise<void>): Promise<void> {
    if (this.#slots.size > 0) return
    this.#stopping = new AbortController()
    const stored = await readPlan(this.#index.shard)
    this.#follow(mergePlan(stored, this.#config.shards))
    if (stored === undefined) await writePlan(this.#index.shard, this.#plan)
    await Promise.all(this.#plan.shards.map((spec) => this.#slots.open(spec)))
    await this.#noteOpened()
    await prepare?.()
    await this.#mover.heal()
    if (this.#plan.target !== undefined) this.#rebalance.run(this.#stopping.signal)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#rebalance.settled()
    await this.#reopening
    await this.#slots.stop()
  }

  /** The open shard of that name. */
  shard(name: string): Shard | undefined {
    return this.#slots.shard(name)
  }

  /** All open shards. */
  shards(): readonly Shard[] {
    return this.#slots.shards()
  }

  /** The open shard of that name. Throws why it is not open. */
  required(name: string): Shard {
    return this.#slots.required(name)
  }

  get plan(): ShardPlan {
    return this.#plan
  }

  /** Makes another plan the one that counts, once it is safe. */
  async adoptPlan(plan: ShardPlan): Promise<void> {
    await writePlan(this.#index.shard, plan)
    this.#follow(plan)
  }

  /** Names and places of all shards of the plan. The places may hold passwords. */
  specs(): readonly ShardSpec[] {
    return this.#plan.shards
  }

  /** Name of the shard in which the user lives now. */
  placeOf(user: UserRef): string {
    return this.#locator.placeOf(user)
  }

  /** Where the map alone puts a user, whatever the index says. */
  mapPlace(user: UserRef): string {
    return this.#locator.mapPlace(user)
  }

  /** Where a user that does not exist yet is to be created. */
  placeForNew(user: UserRef): string {
    return this.#locator.placeForNew(user)
  }

  /** The user's shard. Throws `STORAGE_DAMAGED` when it is out of service. */
  shardFor(user: UserRef): Shard {
    return this.required(this.placeOf(user))
  }

  /**
   * A change to the user's records; waits while the user moves. One promise per change: a node makes one behind every
   * answer.
   */
  transact<T>(user: UserRef, transaction: Transaction<T>): Promise<T> {
    if (this.#gate.blocked(user.key) !== undefined) {
      return this.#gate.pass(user.key).then(() => this.shardFor(user).transact(transaction))
    }
    try {
      return this.shardFor(user).transact(transaction)
    } catch (cause) {
      return Promise.reject(cause)
    }
  }

  status(): readonly ShardStatus[] {
    const used = new Set([...this.#plan.current, ...(this.#plan.target ?? [])])
    return this.#plan.shards.map(({ name }) => shardStatus(name, this.#slots.slot(name), used.has(name)))
  }

  /** The rebalance under way; undefined when there is none. */
  rebalanceStatus(): RebalanceStatus | undefined {
    const { target } = this.#plan
    return target === undefined ? undefined : { target, ...this.#rebalance.progress }
  }

  /** Counts and sums every record of every open shard, and looks that each user lives in one place, the right one. */
  async verify(): Promise<readonly ShardCheck[]> {
    const checks: ShardCheck[] = []
    for (const shard of this.shards()) {
      checks.push(await checkShard(shard, (guid) => this.placeOf(userRef(guid)) === shard.name))
    }
    return checks
  }

  /** Opens another shard and begins to move its share of the users there. Resolves when it is noted; see `settled`. */
  async add(spec: ShardSpec): Promise<void> {
    assertShardName(spec.name)
    this.#assertSettled()
    if (this.#slots.slot(spec.name) === undefined) {
      this.#follow({ ...this.#plan, shards: [...this.#plan.shards, spec] })
      await this.#slots.open(spec)
    }
    this.required(spec.name)
    await this.rebalance([...new Set([...this.#plan.current, spec.name])])
  }

  /** Begins to move all users out of a shard. It stays open, and idle, when it is empty. */
  async drain(name: string): Promise<void> {
    this.#assertSettled()
    if (!this.#plan.current.includes(name)) throw shardNotFound(name)
    const left = this.#plan.current.filter((other) => other !== name)
    if (left.length === 0)
      throw new RealmeshError('USAGE', 'the last shard cannot be drained', { fix: 'add another one first' })
    await this.rebalance(left)
  }

  /** Begins to move users to where a map over `names` puts them. @default all configured shards */
  async rebalance(names: readonly string[] = this.#plan.shards.map(({ name }) => name)): Promise<void> {
    this.#assertSettled()
    for (const name of names) if (!this.#plan.shards.some((spec) => spec.name === name)) throw shardNotFound(name)
    if (names.length === 0) throw new RealmeshError('USAGE', 'users need at least one shard')
    await this.adoptPlan({ ...this.#noted(), target: names })
    this.#rebalance.run(this.#stopping.signal)
  }

  /** Moves one user, for good: later rebalances leave the user there. */
  async move(user: UserRef, to: string): Promise<void> {
    this.required(to)
    const from = this.placeOf(user)
    if (from === to) await this.#index.places.place(user.key, { shard: to, pinned: true })
    else await this.#mover.move([user], from, to, true)
  }

  /** Resolves when no rebalance is under way, or the manager stops. */
  async settled(): Promise<void> {
    await this.#rebalance.settled()
  }

  /** Puts the repaired copy of a damaged shard into service; see ShardSlots. */
  async acceptRepair(name: string): Promise<void> {
    if (await this.#slots.repair(name)) await this.#mover.heal()
  }

  /** Tries again to open shards that were unavailable for another reason than damage. */
  reopen(): Promise<void> {
    this.#reopening ??= this.#reopenFailed().finally(() => {
      this.#reopening = undefined
    })
    return this.#reopening
  }

  async #reopenFailed(): Promise<void> {
    if ((await this.#slots.reopenFailed(this.#stopping.signal)) > 0) await this.#mover.heal()
  }

  /**
   * From now on these shards exist: one whose folder is empty at a start was not just configured, its files are gone.
   */
  async #noteOpened(): Promise<void> {
    const plan = this.#noted()
    if (plan !== this.#plan) await this.adoptPlan(plan)
  }

  #noted(): ShardPlan {
    return withOpened(this.#plan, (name) => this.shard(name) !== undefined)
  }

  #follow(plan: ShardPlan): void {
    this.#plan = plan
    this.#locator.follow(plan)
  }

  #assertSettled(): void {
    if (this.#plan.target !== undefined) {
      throw new RealmeshError('USAGE', 'a rebalance is under way', {
        fix: 'wait until realmesh shards status says it is done',
      })
    }
  }
}
