/** How much room a user's files take: one row, changed in the commits that change the files, so that it is exact. */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { TransactionView } from '../shard/transaction.ts'
import { spaceKey } from './keys.ts'

/** Bytes of all files of one user, those that their batches write included: a few nights' work. */
export const MAX_FILE_BYTES_OF_USER = 1024 * 1024 * 1024

/** Files of one user. A batch has three. */
export const MAX_FILES_OF_USER = 1_000

/** Batches of one user that are kept. Each has a row of some kilobytes, and all are read for a list. */
export const MAX_BATCHES_OF_USER = 200

export interface UserSpace {
  readonly files: number
  readonly bytes: number
  readonly batches: number
}

const EMPTY: UserSpace = { files: 0, bytes: 0, batches: 0 }

const MOST: UserSpace = {
  files: MAX_FILES_OF_USER,
  bytes: MAX_FILE_BYTES_OF_USER,
  batches: MAX_BATCHES_OF_USER,
}

/**
 * Adds `change` in the transaction of `view`, which reads `spaceKey(user)`. Throws `NODE_LIMIT` where something grows
 * beyond what a user may have.
 */
export function changeSpace(view: TransactionView, user: string, change: Partial<UserSpace>): void {
  const before = view.read<UserSpace>(spaceKey(user)) ?? EMPTY
  const after: Record<keyof UserSpace, number> = { ...before }
  for (const of of ['files', 'bytes', 'batches'] as const) {
    after[of] = Math.max(0, before[of] + (change[of] ?? 0))
    if (after[of] > MOST[of] && after[of] > before[of]) throw tooMuch(of)
  }
  view.write(spaceKey(user), after)
}

function tooMuch(of: keyof UserSpace): RealmeshError {
  const what = of === 'bytes' ? 'bytes of files' : of
  return new RealmeshError('NODE_LIMIT', `this node keeps ${MOST[of]} ${what} for a user`, {
    fix: 'delete some that are no longer needed',
  })
}
