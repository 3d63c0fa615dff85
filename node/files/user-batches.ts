/** The batches of users, in their user data. */
import { isEnded, type LineResult, type UserBatch } from '../../core/batch/user-batch.ts'
import { userRef } from '../../storage/rows/keys.ts'
import type { UserData } from '../../storage/user-data.ts'
import { noSuchBatch } from '../../storage/users/batch-ledger.ts'
import type { UserStore } from '../../storage/users/user-store.ts'
import type { KeptBatches, OwnedBatch } from '../api/kept-batches.ts'

export interface UserBatchesComponents {
  readonly data: Pick<UserData, 'opened' | 'user' | 'batches'> & { readonly users: Pick<UserStore, 'all'> }
}

type BatchChange = (batch: UserBatch) => UserBatch

export class UserBatches implements KeptBatches {
  readonly #data: UserBatchesComponents['data']
  readonly #listeners = new Set<(user: string) => void>()

  constructor({ data }: UserBatchesComponents) {
    this.#data = data
  }

  async create(user: string, batch: UserBatch): Promise<void> {
    await this.#data.user(user)
    await this.#data.batches.create(userRef(user), batch)
  }

  async take(user: string, id: string): Promise<UserBatch> {
    return (await this.#data.batches.find(userRef(user), id)) ?? noSuchBatch()
  }

  list(user: string): Promise<readonly UserBatch[]> {
    return this.#data.batches.list(userRef(user))
  }

  update(user: string, id: string, change: BatchChange): Promise<UserBatch> {
    return this.#data.batches.update(userRef(user), id, change)
  }

  record(user: string, batch: UserBatch, results: readonly LineResult[]): Promise<UserBatch> {
    return this.#data.batches.record(userRef(user), batch, results)
  }

  done(user: string, batch: UserBatch): Promise<Set<number>> {
    return this.#data.batches.done(userRef(user), batch)
  }

  end(user: string, batch: UserBatch, change: BatchChange): Promise<UserBatch> {
    return this.#data.batches.end(userRef(user), batch, change)
  }

  async *unfinished(): AsyncGenerator<OwnedBatch> {
    await this.#data.opened
    for await (const { guid: user } of this.#data.users.all()) {
      for (const batch of await this.list(user)) if (!isEnded(batch.status)) yield { user, batch }
    }
  }

  onErase(listener: (user: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** All that is kept of the user is about to be erased. */
  forgetUser(user: string): void {
    for (const tell of [...this.#listeners]) tell(user)
  }
}
