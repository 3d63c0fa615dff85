/**
 * All shards that hold or may hold users, and which of them the map uses. Kept in the index: what a crash interrupts
 * goes on by it.
 */
import { PLAN_KEY } from '../index/index-rows.ts'
import type { Shard } from '../shard/shard.ts'
import type { ShardSpec } from './sharding-config.ts'

export interface ShardPlan {
  readonly shards: readonly ShardSpec[]
  /** Names that the map uses now. */
  readonly current: readonly string[]
  /** Names that it will use when the rebalance under way is done. */
  readonly target?: readonly string[]
  /** Names of those that were opened once: a folder of theirs that is empty has lost its files. */
  readonly opened?: readonly string[]
}

/** The plan in the index; undefined at the first start. */
export async function readPlan(index: Shard): Promise<ShardPlan | undefined> {
  return await index.get<ShardPlan>(PLAN_KEY)
}

export async function writePlan(index: Shard, plan: ShardPlan): Promise<void> {
  await index.transact({
    reads: [],
    apply: (view) => {
      view.write(PLAN_KEY, plan)
    },
  })
}

/** Shards that the operator configured since are opened too; users move there only by a rebalance. */
export function mergePlan(stored: ShardPlan | undefined, configured: readonly ShardSpec[]): ShardPlan {
  if (stored === undefined) return { shards: configured, current: configured.map(({ name }) => name) }
  const known = new Map(stored.shards.map((spec) => [spec.name, spec]))
  for (const spec of configured) known.set(spec.name, spec)
  return { ...stored, shards: [...known.values()] }
}

/** The plan with those of its shards noted that are open; the same one when they were noted before. */
export function withOpened(plan: ShardPlan, isOpen: (name: string) => boolean): ShardPlan {
  const { shards, opened = [] } = plan
  const now = shards.map(({ name }) => name).filter((name) => opened.includes(name) || isOpen(name))
  return now.length > opened.length ? { ...plan, opened: now } : plan
}
