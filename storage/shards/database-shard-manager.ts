/**
 * The shards of a node: opens them, knows which one a user lives in, and adds, drains and rebalances them while queries run. The
 * plan of shards and every step of a move are in the index, so a crash at any point is finished by the next start.
 */
import { type Logger, silentLogger } from '../../core/logger.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { type Startable, stopAll } from '../../core/run/startable.ts'
import { type UserRef, userRef } from '../rows/keys.ts'
import type { DamageReport, OpenedShard } from '../shard/open-level-shard.ts'
import type { Shard } from '../shard/shard.ts'
import type { Transaction } from '../shard/transaction.ts'
import type { CrossShardIndex, ShardPlan } from './cross-shard-index.ts'
import { checkShard, type ShardCheck } from './shard-check.ts'
import { type ShardMap, shardOf } from './shard-map.ts'
import type { ShardOpening } from './shard-opening.ts'
import { type RebalanceProgress, ShardRebalance } from './shard-rebalance.ts'
import type { ShardingConfig, ShardSpec } from './sharding-config.ts'
import type { UserGate } from './user-gate.ts'
import { UserMover } from './user-mover.ts'

export interface ShardManagerComponents {
  readonly index: CrossShardIndex
  readonly opening: Pick<ShardOpening, 'open' | 'acceptRepair'>
  readonly gate: UserGate
  readonly logger?: Logger
}

export interface ShardStatus {
  readonly name: string
  readonly kind: string
  /** `idle`: holds no users by plan. `refusing`: reads only, until there is room or the store recovers. */
  readonly state: 'serving' | 'refusing' | 'idle' | 'damaged' | 'unavailable'
  readonly records: number
  readonly commits: number
  /** Records that were found damaged since the opening; absent when there are none. */
  readonly damagedRecords?: number
  readonly problem?: string
  readonly damage?: DamageReport
}

export interface RebalanceStatus extends RebalanceProgress {
  /** Names of the shards over which users will be spread. */
  readonly target: readonly string[]
}

interface Slot {
  readonly spec: ShardSpec
  readonly opened: OpenedShard
  readonly failure?: RealmeshError
}

/** Users whose place is kept at hand. */
const MAX_MAPPED = 4_096

export class DatabaseShardManager implements Startable {
  readonly #index: CrossShardIndex
  readonly #opening: ShardManagerComponents['opening']
  readonly #gate: UserGate
  readonly #logger: Logger
  readonly #config: ShardingConfig
  readonly #mover: UserMover
  readonly #rebalance: ShardRebalance
  readonly #slots = new Map<string, Slot>()
  #plan: ShardPlan = { shards: [], current: [] }
  /** Where the map puts users who were asked for: each of their queries asks. Emptied when it is full or the plan changes. */
  readonly #mapped = new Map<string, string>()
  #reopening: Promise<void> | undefined
  #stopping = new AbortController()

  constructor(components: ShardManagerComponents, init: ShardingConfig) {
    this.#index = components.index
    this.#opening = components.opening
    this.#gate = components.gate
    this.#logger = components.logger ?? silentLogger
    this.#config = init
    this.#mover = new UserMover({
      index: this.#index,
      gate: this.#gate,
      shard: (name) => this.shard(name),
      placeOf: (user) => this.placeOf(user),
    })
    this.#rebalance = new ShardRebalance({ index: this.#index, mover: this.#mover, shards: this, logger: this.#logger })
  }

  /**
   * Opens every shard of the plan; a damaged or unavailable one does not keep the others from serving. Finishes cut-off moves.
   * `prepare` runs when the shards are open and nothing has moved yet.
   */
  async start(prepare?: () => Promise<void>): Promise<void> {
    if (this.#slots.size > 0) return
    this.#stopping = new AbortController()
    const stored = await this.#index.plan()
    this.#setPlan(mergePlan(stored, this.#config.shards))
    if (stored === undefined) await this.#index.writePlan(this.#plan)
    await Promise.all(this.#plan.shards.map((spec) => this.#open(spec)))
    await this.#noteOpened()
    await prepare?.()
    await this.#mover.heal()
    if (this.#plan.target !== undefined) this.#rebalance.run(this.#stopping.signal)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#rebalance.settled()
    await this.#reopening
    const slots = [...this.#slots.values()]
    this.#slots.clear()
    await stopAll(slots.flatMap(({ opened }) => opened.shard ?? []))
  }

  /** The open shard of that name. */
  shard(name: string): Shard | undefined {
    return this.#slots.get(name)?.opened.shard
  }

  /** All open shards. */
  shards(): readonly Shard[] {
    return [...this.#slots.values()].flatMap(({ opened }) => opened.shard ?? [])
  }

  get plan(): ShardPlan {
    return this.#plan
  }

  /** Makes another plan the one that counts, once it is safe. */
  async adoptPlan(plan: ShardPlan): Promise<void> {
    await this.#index.writePlan(plan)
    this.#setPlan(plan)
  }

  /** From now on these shards exist: one whose folder is empty at a start was not just configured, its files are gone. */
  async #noteOpened(): Promise<void> {
    const { shards, opened = [] } = this.#plan
    const now = shards.map(({ name }) => name).filter((name) => opened.includes(name) || this.shard(name) !== undefined)
    if (now.length > opened.length) await this.adoptPlan({ ...this.#plan, opened: now })
  }

  #setPlan(plan: ShardPlan): void {
    this.#plan = plan
    this.#mapped.clear()
  }

  /** Names and places of all shards of the plan. The places may hold passwords. */
  specs(): readonly ShardSpec[] {
    return this.#plan.shards
  }

  /** Name of the shard in which the user lives now. */
  placeOf(user: UserRef): string {
    return this.#index.override(user.key)?.shard ?? this.mapPlace(user)
  }

  /** Where the map alone puts a user, whatever the index says. */
  mapPlace(user: UserRef): string {
    let place = this.#mapped.get(user.key)
    if (place === undefined) {
      if (this.#mapped.size >= MAX_MAPPED) this.#mapped.clear()
      place = shardOf(this.#map(this.#plan.current), user)
      this.#mapped.set(user.key, place)
    }
    return place
  }

  /** Where a user who does not exist yet is to be created: while shards are rebalanced, where he would be moved to. */
  placeForNew(user: UserRef): string {
    return shardOf(this.#map(this.#plan.target ?? this.#plan.current), user)
  }

  /** The user's shard. Throws `STORAGE_DAMAGED` when it is out of service. */
  shardFor(user: UserRef): Shard {
    return this.required(this.placeOf(user))
  }

  /** A change to the user's records; waits while he moves. One promise per change: a node makes one behind every answer. */
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
    return this.#plan.shards.map(({ name }) => slotStatus(name, this.#slots.get(name), used.has(name)))
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
    this.#assertSettled()
    if (!this.#slots.has(spec.name)) {
      this.#setPlan({ ...this.#plan, shards: [...this.#plan.shards, spec] })
      await this.#open(spec)
    }
    this.required(spec.name)
    await this.#noteOpened()
    await this.rebalance([...new Set([...this.#plan.current, spec.name])])
  }

  /** Begins to move all users out of a shard. It stays open, and idle, when it is empty. */
  async drain(name: string): Promise<void> {
    this.#assertSettled()
    if (!this.#plan.current.includes(name)) throw notFound(name)
    const left = this.#plan.current.filter((other) => other !== name)
    if (left.length === 0)
      throw new RealmeshError('USAGE', 'the last shard cannot be drained', { fix: 'add another one first' })
    await this.rebalance(left)
  }

  /** Begins to move users to where a map over `names` puts them. @default all configured shards */
  async rebalance(names: readonly string[] = this.#plan.shards.map(({ name }) => name)): Promise<void> {
    this.#assertSettled()
    for (const name of names) if (!this.#plan.shards.some((spec) => spec.name === name)) throw notFound(name)
    if (names.length === 0) throw new RealmeshError('USAGE', 'users need at least one shard')
    await this.adoptPlan({ ...this.#plan, target: names })
    this.#rebalance.run(this.#stopping.signal)
  }

  /** Moves one user, for good: later rebalances leave him there. */
  async move(user: UserRef, to: string): Promise<void> {
    this.required(to)
    const from = this.placeOf(user)
    if (from === to) await this.#index.place(user.key, { shard: to, pinned: true })
    else await this.#mover.move([user], from, to, true)
  }

  /** Resolves when no rebalance is under way, or the manager stops. */
  async settled(): Promise<void> {
    await this.#rebalance.settled()
  }

  /**
   * Puts the repaired copy of a damaged shard into service, with what is missing from it. A shard that serves in spite of damaged
   * records, or without its files, is opened anew first: that finds all that is wrong, keeps the files aside and repairs a copy. A shard
   * of which it is known that nothing is left begins empty.
   */
  async acceptRepair(name: string): Promise<void> {
    const slot = this.#slots.get(name)
    if (slot === undefined) throw notFound(name)
    const { shard } = slot.opened
    if (shard !== undefined) {
      if (shard.damagedRecords === 0 && !shard.lost) return
      await this.#openAnew(slot.spec, shard)
      const now = this.#slots.get(name)?.opened
      // Where nothing is left an empty shard would be all: that the operator has to say again.
      if (now?.shard !== undefined || now?.damage?.gone === true) return
    }
    this.#slots.set(name, { spec: slot.spec, opened: await this.#opening.acceptRepair(slot.spec) })
    await this.#mover.heal()
  }

  async #openAnew(spec: ShardSpec, shard: Shard): Promise<void> {
    this.#slots.set(spec.name, { spec, opened: {} })
    await shard.stop()
    await this.#open(spec)
    if (this.shard(spec.name) !== undefined) await this.#mover.heal()
  }

  /** Tries again to open shards that were unavailable for another reason than damage. */
  reopen(): Promise<void> {
    this.#reopening ??= this.#reopenFailed().finally(() => {
      this.#reopening = undefined
    })
    return this.#reopening
  }

  async #reopenFailed(): Promise<void> {
    for (const { spec, failure } of [...this.#slots.values()]) {
      if (failure === undefined || this.#stopping.signal.aborted) continue
      await this.#open(spec)
      if (this.shard(spec.name) !== undefined) await this.#mover.heal()
    }
  }

  async #open(spec: ShardSpec): Promise<void> {
    try {
      const opened = await this.#opening.open(spec, this.#plan.opened?.includes(spec.name))
      this.#slots.set(spec.name, { spec, opened })
      if (opened.damage !== undefined) {
        const { findings, quarantine, repair } = opened.damage
        this.#logger.error({ shard: spec.name, findings, quarantine, repair }, 'a shard is damaged')
      }
    } catch (thrown) {
      const failure =
        thrown instanceof RealmeshError
          ? thrown
          : new RealmeshError('STORAGE_FAILED', `shard ${spec.name} does not open`, { cause: thrown })
      // Another daemon in the same home, or a server that cannot be reached at all, is a reason not to start.
      if (failure.code === 'STORAGE_LOCKED' || failure.code === 'CONFIG_INVALID') throw failure
      this.#slots.set(spec.name, { spec, opened: {}, failure })
      this.#logger.error({ shard: spec.name, code: failure.code }, 'a shard does not open')
    }
  }

  /** The open shard of that name. Throws why it is not open. */
  required(name: string): Shard {
    const slot = this.#slots.get(name)
    if (slot?.opened.shard !== undefined) return slot.opened.shard
    if (slot?.failure !== undefined) throw slot.failure
    if (slot === undefined) throw notFound(name)
    throw new RealmeshError('STORAGE_DAMAGED', `shard ${name} is damaged and out of service`, {
      fix: `realmesh shards status; then restore a backup, or realmesh shards repair ${name}`,
    })
  }

  #map(shards: readonly string[]): ShardMap {
    return { shards, prefixes: this.#config.prefixes }
  }

  #assertSettled(): void {
    if (this.#plan.target !== undefined) {
      throw new RealmeshError('USAGE', 'a rebalance is under way', {
        fix: 'wait until realmesh shards status says it is done',
      })
    }
  }
}

function notFound(name: string): RealmeshError {
  return new RealmeshError('SHARD_NOT_FOUND', `there is no shard named ${name}`, { fix: 'realmesh shards status' })
}

/** Shards that the operator configured since are opened too; users move there only by a rebalance. */
function mergePlan(stored: ShardPlan | undefined, configured: readonly ShardSpec[]): ShardPlan {
  if (stored === undefined) return { shards: configured, current: configured.map(({ name }) => name) }
  const known = new Map(stored.shards.map((spec) => [spec.name, spec]))
  for (const spec of configured) known.set(spec.name, spec)
  return { ...stored, shards: [...known.values()] }
}

function slotStatus(name: string, slot: Slot | undefined, used: boolean): ShardStatus {
  const shard = slot?.opened.shard
  const damage = slot?.opened.damage
  const common = {
    name,
    records: shard?.head.records ?? 0,
    commits: shard?.head.seq ?? 0,
    ...(damage === undefined ? {} : { damage }),
  }
  if (shard === undefined) {
    const problem = slot?.failure?.message ?? damage?.findings.join('; ')
    const state = damage === undefined ? 'unavailable' : 'damaged'
    return { ...common, kind: 'level', state, ...(problem === undefined ? {} : { problem }) }
  }
  if (shard.refusal !== undefined) {
    return { ...common, kind: shard.kind, state: 'refusing', problem: shard.refusal.message }
  }
  const { damagedRecords } = shard
  const bad = damagedRecords === 0 ? {} : { damagedRecords, problem: damagedProblem(name, damagedRecords) }
  return { ...common, kind: shard.kind, state: used ? 'serving' : 'idle', ...bad }
}

function damagedProblem(name: string, count: number): string {
  const records = count === 1 ? '1 damaged record is' : `${count} damaged records are`
  return `${records} refused, the others are served; realmesh shards verify, then restore a backup or realmesh shards repair ${name}`
}
