/**
 * Changes of the layout, one row at a time. A shard knows the version of its layout (its head); a newer program backs
 * the shard up, then walks over all rows. Every step must give the same result when it meets a row that it has changed
 * already, because a crash begins the walk again.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Shard } from '../shard/shard.ts'
import { decodeRecord, isIntact } from '../store/checked-record.ts'
import { pagesOf } from '../store/shard-store.ts'

export interface Migration {
  /** Version of the layout after this step. */
  readonly to: number
  /** What the row becomes: another value, `undefined` to remove it, or the value itself to leave it. Idempotent. */
  row(key: string, value: unknown): object | undefined
}

/** Rows looked at between two commits. */
const PAGE = 500

export interface MigrationReport {
  readonly from: number
  readonly to: number
  readonly rowsChanged: number
}

/**
 * Brings a shard to the newest layout; undefined when it is there already. `backUp` runs first and must have a whole
 * copy on the disk when it resolves. Throws `STORAGE_FAILED` when the shard was written by a newer version.
 */
export async function migrate(
  shard: Shard,
  backUp: () => Promise<void>,
  migrations: readonly Migration[],
): Promise<MigrationReport | undefined> {
  const from = shard.head.schema
  const newest = migrations.at(-1)?.to ?? 1
  if (from > newest) {
    throw new RealmeshError('STORAGE_FAILED', `${shard.name} was written by a newer version of realmesh`, {
      fix: 'update realmesh, or restore an older backup',
    })
  }
  const steps = migrations.filter(({ to }) => to > from)
  if (steps.length === 0) return undefined
  await backUp()
  let rowsChanged = 0
  for (const step of steps) {
    rowsChanged += await walk(shard, step)
    await shard.raiseSchema(step.to)
  }
  return { from, to: newest, rowsChanged }
}

/** Applies one step to all rows of a frozen view; the writes go to the live shard. */
async function walk(shard: Shard, step: Migration): Promise<number> {
  const view = shard.snapshot()
  let changed = 0
  try {
    for await (const page of pagesOf(view, { gte: '"' }, PAGE)) {
      // A damaged row is left as it is: whatever reads it says so.
      const keys = page
        .filter(([key, bytes]) => isIntact(key, bytes) && isChanged(step, key, decodeRecord(key, bytes).value))
        .map(([key]) => key)
      if (keys.length > 0) changed += await changeRows(shard, step, keys)
    }
  } finally {
    await view.close()
  }
  return changed
}

function isChanged(step: Migration, key: string, value: unknown): boolean {
  return step.row(key, value) !== value
}

/** Computed anew from what the rows hold by then: other nodes may write to a shared store meanwhile. */
async function changeRows(shard: Shard, step: Migration, keys: readonly string[]): Promise<number> {
  return await shard.transact({
    reads: keys,
    apply: (view) => {
      for (const key of keys) {
        const before = view.read(key)
        if (before === undefined) continue
        const after = step.row(key, before)
        if (after === undefined) view.remove(key)
        else view.write(key, after)
      }
      return keys.length
    },
  })
}
