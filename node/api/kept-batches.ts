/** The batches of a user, for the gateway, which answers their lines. */
import type { LineResult, UserBatch } from '../../core/batch/user-batch.ts'

export interface OwnedBatch {
  readonly user: string
  readonly batch: UserBatch
}

export interface KeptBatches {
  /** Throws `NODE_LIMIT`, `STORAGE_FULL`, `STORAGE_DAMAGED`. */
  create(user: string, batch: UserBatch): Promise<void>
  /** Throws `BATCH_NOT_FOUND` for what is not there, or another user's. */
  take(user: string, id: string): Promise<UserBatch>
  /** In no order. */
  list(user: string): Promise<readonly UserBatch[]>
  /** Changes it by a pure function; what that throws changes nothing. Throws `BATCH_NOT_FOUND`. */
  update(user: string, id: string, change: (batch: UserBatch) => UserBatch): Promise<UserBatch>
  /**
   * Notes what became of lines that have no result yet; resolves once it is safe. Throws `NODE_LIMIT`,
   * `BATCH_NOT_FOUND`, `STORAGE_FULL`.
   */
  record(user: string, batch: UserBatch, results: readonly LineResult[]): Promise<UserBatch>
  /** The lines that have a result. */
  done(user: string, batch: UserBatch): Promise<Set<number>>
  /** Changes it for the last time: what it has written is whole. */
  end(user: string, batch: UserBatch, change: (batch: UserBatch) => UserBatch): Promise<UserBatch>
  /** Those of all users that have not ended, once the user data is open. */
  unfinished(): AsyncIterable<OwnedBatch>
  /** Calls back when all that is kept of a user is about to be erased. Returns how to stop that. */
  onErase(listener: (user: string) => void): () => void
}
