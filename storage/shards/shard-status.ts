/** What the operator is told of a shard. Pure. */
import { defined } from '../../core/defined.ts'
import type { DamageReport } from '../shard/shard-notes.ts'
import type { ShardSlot } from './shard-slots.ts'

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

/** `used`: users live there by the plan, or will. */
export function shardStatus(name: string, slot: ShardSlot | undefined, used: boolean): ShardStatus {
  const shard = slot?.opened.shard
  const damage = slot?.opened.damage
  const common = {
    name,
    records: shard?.head.records ?? 0,
    commits: shard?.head.seq ?? 0,
    ...defined({ damage }),
  }
  if (shard === undefined) {
    const problem = slot?.failure?.message ?? damage?.findings.join('; ')
    const state = damage === undefined ? 'unavailable' : 'damaged'
    return { ...common, kind: 'level', state, ...defined({ problem }) }
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
