/** Writes the results of lines behind the asking: no line waits for the disk, and no result is lost to a full one. */
import type { LineResult, UserBatch } from '../../../../core/batch/user-batch.ts'
import { toRealmeshError } from '../../../../core/realmesh-error.ts'
import { type Clock, pauseFor } from '../../../../core/run/clock.ts'
import { type LinkedAbort, linkedAbort } from '../../../../core/run/linked-abort.ts'
import type { KeptBatches } from '../../../../node/api/kept-batches.ts'

/** Results that wait to be written: beyond it nothing more is asked. */
export const MAX_UNWRITTEN_RESULTS = 128

/** Between two tries to write on a disk that is full, milliseconds. */
const TRY_AGAIN_MS = 5_000

export interface ResultWriterComponents {
  readonly batches: Pick<KeptBatches, 'record'>
  readonly clock: Clock
  /** What is written; the batch as it is then. */
  readonly onWritten: (batch: UserBatch) => void
  /** What cannot be written, and will not be. */
  readonly onFailed: (error: unknown) => void
}

export class ResultWriter {
  readonly #components: ResultWriterComponents
  readonly #writing = new Set<Promise<void>>()
  readonly #patience: LinkedAbort = linkedAbort()

  constructor(components: ResultWriterComponents) {
    this.#components = components
  }

  get isFull(): boolean {
    return this.#writing.size >= MAX_UNWRITTEN_RESULTS
  }

  write(user: string, batch: UserBatch, result: LineResult): void {
    const { onWritten, onFailed } = this.#components
    const writing = this.#record(user, batch, result).then(onWritten, onFailed)
    this.#writing.add(writing)
    void writing.finally(() => this.#writing.delete(writing))
  }

  /** Resolves when all is written, or has failed. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing)
  }

  /** Waits for no disk any more. */
  giveUp(): void {
    this.#patience.abort()
  }

  async #record(user: string, batch: UserBatch, result: LineResult): Promise<UserBatch> {
    const { batches, clock } = this.#components
    const { signal } = this.#patience
    for (;;) {
      try {
        return await batches.record(user, batch, [result])
      } catch (thrown) {
        if (toRealmeshError(thrown).code !== 'STORAGE_FULL' || signal.aborted) throw thrown
        await pauseFor(TRY_AGAIN_MS, signal, clock)
      }
    }
  }
}
