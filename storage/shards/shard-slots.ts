/**
 * The shards of the plan, each open or with the reason why it is not. One that does not open keeps no other from
 * serving.
 */
import type { Logger } from '../../core/logger.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { stopAll } from '../../core/run/startable.ts'
import type { OpenedShard } from '../shard/level-shard-opener.ts'
import type { Shard } from '../shard/shard.ts'
import type { ShardOpening } from './shard-opening.ts'
import type { ShardSpec } from './sharding-config.ts'

export interface ShardSlot {
  readonly spec: ShardSpec
  readonly opened: OpenedShard
  /** Why it does not open, when it is no damage. */
  readonly failure?: RealmeshError
}

export interface ShardSlotsComponents {
  readonly opening: Pick<ShardOpening, 'open' | 'acceptRepair'>
  /** Whether a shard of that name was opened before, so that a place without its files is damage. */
  readonly wasOpened: (name: string) => boolean
  readonly logger: Logger
}

export class ShardSlots {
  readonly #opening: ShardSlotsComponents['opening']
  readonly #wasOpened: ShardSlotsComponents['wasOpened']
  readonly #logger: Logger
  readonly #slots = new Map<string, ShardSlot>()

  constructor(components: ShardSlotsComponents) {
    this.#opening = components.opening
    this.#wasOpened = components.wasOpened
    this.#logger = components.logger
  }

  get size(): number {
    return this.#slots.size
  }

  slot(name: string): ShardSlot | undefined {
    return this.#slots.get(name)
  }

  /** The open shard of that name. */
  shard(name: string): Shard | undefined {
    return this.#slots.get(name)?.opened.shard
  }

  /** All open shards. */
  shards(): readonly Shard[] {
    return [...this.#slots.values()].flatMap(({ opened }) => opened.shard ?? [])
  }

  /** The open shard of that name. Throws why it is not open. */
  required(name: string): Shard {
    const slot = this.#slots.get(name)
    if (slot?.opened.shard !== undefined) return slot.opened.shard
    if (slot?.failure !== undefined) throw slot.failure
    if (slot === undefined) throw shardNotFound(name)
    throw new RealmeshError('STORAGE_DAMAGED', `shard ${name} is damaged and out of service`, {
      fix: `realmesh shards status; then restore a backup, or realmesh shards repair ${name}`,
    })
  }

  /** Opens a shard. Throws `STORAGE_LOCKED` and `CONFIG_INVALID`; other failures stand in its slot. */
  async open(spec: ShardSpec): Promise<void> {
    try {
      const opened = await this.#opening.open(spec, this.#wasOpened(spec.name))
      this.#slots.set(spec.name, { spec, opened })
      if (opened.damage === undefined) return
      const { findings, quarantine, repair } = opened.damage
      this.#logger.error({ shard: spec.name, findings, quarantine, repair }, 'a shard is damaged')
    } catch (thrown) {
      const failure = openFailure(spec.name, thrown)
      // Another daemon in the same home, or a server that cannot be reached at all, is a reason not to start.
      if (failure.code === 'STORAGE_LOCKED' || failure.code === 'CONFIG_INVALID') throw failure
      this.#slots.set(spec.name, { spec, opened: {}, failure })
      this.#logger.error({ shard: spec.name, code: failure.code }, 'a shard does not open')
    }
  }

  /**
   * Tries again to open shards that were unavailable for another reason than damage. Resolves with how many serve now.
   */
  async reopenFailed(signal: AbortSignal): Promise<number> {
    let opened = 0
    for (const { spec, failure } of [...this.#slots.values()]) {
      if (failure === undefined || signal.aborted) continue
      await this.open(spec)
      if (this.shard(spec.name) !== undefined) opened += 1
    }
    return opened
  }

  /**
   * Puts the repaired copy of a damaged shard into service, with what is missing from it. A shard that serves in spite
   * of damaged records, or without its files, is opened anew first: that finds all that is wrong, keeps the files aside
   * and repairs a copy. A shard of which it is known that nothing is left begins empty. Resolves with whether another
   * store serves now. Throws `SHARD_NOT_FOUND`, `STORAGE_DAMAGED`.
   */
  async repair(name: string): Promise<boolean> {
    const slot = this.#slots.get(name)
    if (slot === undefined) throw shardNotFound(name)
    const { shard } = slot.opened
    if (shard !== undefined) {
      if (shard.damagedRecords === 0 && !shard.lost) return false
      this.#slots.set(name, { spec: slot.spec, opened: {} })
      await shard.stop()
      await this.open(slot.spec)
      const now = this.#slots.get(name)?.opened
      if (now?.shard !== undefined) return true
      // Where nothing is left an empty shard would be all: that the operator has to say again.
      if (now?.damage?.gone === true) return false
    }
    this.#slots.set(name, { spec: slot.spec, opened: await this.#opening.acceptRepair(slot.spec) })
    return true
  }

  async stop(): Promise<void> {
    const shards = this.shards()
    this.#slots.clear()
    await stopAll(shards)
  }
}

function openFailure(name: string, thrown: unknown): RealmeshError {
  if (thrown instanceof RealmeshError) return thrown
  return new RealmeshError('STORAGE_FAILED', `shard ${name} does not open`, { cause: thrown })
}

export function shardNotFound(name: string): RealmeshError {
  return new RealmeshError('SHARD_NOT_FOUND', `there is no shard named ${name}`, { fix: 'realmesh shards status' })
}
