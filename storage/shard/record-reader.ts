/** Reads the records of a store, decoded. A damaged one is refused and counted; the others are served. */
import type { RealmeshError } from '../../core/realmesh-error.ts'
import { decodeRecord } from '../store/checked-record.ts'
import type { StoreRange, StoreReader } from '../store/shard-store.ts'
import { storageError } from '../store/store-error.ts'

/** Damaged records that are told apart; beyond that it is no matter of records. */
const MAX_DAMAGED = 1_000

/** A decoded record. */
export interface ShardRecord<T> {
  readonly key: string
  readonly value: T
}

export interface RecordReaderComponents {
  readonly store: StoreReader
  /** Told of each damaged record, every time that it is read. */
  readonly onProblem: (problem: RealmeshError) => void
}

export class RecordReader {
  readonly #store: StoreReader
  readonly #onProblem: RecordReaderComponents['onProblem']
  readonly #name: string
  /** Keys of records that were found damaged. */
  readonly #damaged = new Set<string>()

  /** `name` names the shard in errors. */
  constructor(components: RecordReaderComponents, init: { readonly name: string }) {
    this.#store = components.store
    this.#onProblem = components.onProblem
    this.#name = init.name
  }

  get damagedRecords(): number {
    return this.#damaged.size
  }

  async get<T>(key: string): Promise<T | undefined> {
    const bytes = await this.#store.get(key)
    return bytes === undefined ? undefined : this.decode<T>(key, bytes)
  }

  async getMany<T>(keys: readonly string[]): Promise<(T | undefined)[]> {
    const found = await this.#store.getMany(keys)
    return keys.map((key, index) => {
      const bytes = found[index]
      return bytes === undefined ? undefined : this.decode<T>(key, bytes)
    })
  }

  async range<T>(range: StoreRange): Promise<ShardRecord<T>[]> {
    return (await this.#store.range(range)).map(([key, bytes]) => ({ key, value: this.decode<T>(key, bytes) }))
  }

  /** What the bytes hold. Throws `STORAGE_DAMAGED` when the checksum does not fit. */
  decode<T>(key: string, bytes: Uint8Array): T {
    try {
      // The checksum vouches that these are bytes that we wrote; the key says of which kind.
      return decodeRecord(key, bytes).value as T
    } catch (cause) {
      const error = storageError(cause, this.#name)
      if (this.#damaged.size < MAX_DAMAGED) this.#damaged.add(key)
      this.#onProblem(error)
      throw error
    }
  }
}
