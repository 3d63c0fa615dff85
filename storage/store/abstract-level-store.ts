/** A ShardStore over any `abstract-level` database: what LevelDB on disk and the store in memory have in common. */
import type { AbstractLevel, AbstractSnapshot } from 'abstract-level'
import type {
  ShardStore,
  StoreEntry,
  StoreKind,
  StoreOperation,
  StoreRange,
  StoreReader,
  StoreSnapshot,
} from './shard-store.ts'
import { storageError } from './store-error.ts'

/** The storage formats that LevelDB and memory-level use inside. */
export type LevelFormat = string | Buffer | Uint8Array
export type ByteLevel = AbstractLevel<LevelFormat, string, Uint8Array>

export interface AbstractLevelStoreInit {
  readonly kind: StoreKind
  /** Names the shard in errors. */
  readonly name: string
}

interface Compactable {
  compactRange(start: string, end: string): Promise<void>
}

function canCompact(db: object): db is Compactable {
  return 'compactRange' in db && typeof db.compactRange === 'function'
}

/** Reads from the database, or from a snapshot of it. */
class LevelReader implements StoreReader {
  readonly #db: ByteLevel
  readonly #name: string
  readonly #at: { readonly snapshot?: AbstractSnapshot }

  constructor(db: ByteLevel, name: string, snapshot?: AbstractSnapshot) {
    this.#db = db
    this.#name = name
    this.#at = snapshot === undefined ? {} : { snapshot }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#db.get(key, this.#at)
    } catch (cause) {
      throw storageError(cause, this.#name)
    }
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    if (keys.length === 0) return []
    try {
      return await this.#db.getMany([...keys], this.#at)
    } catch (cause) {
      throw storageError(cause, this.#name)
    }
  }

  async range(range: StoreRange): Promise<StoreEntry[]> {
    try {
      // Two entries come first from classic-level whatever the limit: one `nextv` of the whole page costs one hop to
      // the thread pool.
      const iterator = this.#db.iterator({ ...range, ...this.#at, highWaterMarkBytes: 1024 * 1024 } as object)
      try {
        const all: StoreEntry[] = []
        while (all.length < range.limit) {
          const some = await iterator.nextv(range.limit - all.length)
          if (some.length === 0) break
          all.push(...(some as StoreEntry[]))
        }
        return all
      } finally {
        // Not waited for: it costs the reader a hop to the thread pool, and a close that fails takes nothing from what
        // was read.
        iterator.close().catch(() => {})
      }
    } catch (cause) {
      throw storageError(cause, this.#name)
    }
  }
}

export class AbstractLevelStore extends LevelReader implements ShardStore {
  readonly kind: StoreKind
  readonly shared = false
  readonly #store: ByteLevel
  readonly #init: AbstractLevelStoreInit

  constructor(db: ByteLevel, init: AbstractLevelStoreInit) {
    super(db, init.name)
    this.#store = db
    this.#init = init
    this.kind = init.kind
  }

  async open(): Promise<void> {
    try {
      await this.#store.open()
    } catch (cause) {
      throw storageError(cause, this.#init.name)
    }
  }

  async write(operations: readonly StoreOperation[]): Promise<boolean> {
    try {
      // A chained batch takes a quarter of the CPU of an array of operations (3 against 12 microseconds each).
      const batch = this.#store.batch()
      for (const { key, value } of operations) {
        if (value === undefined) batch.del(key)
        else batch.put(key, value)
      }
      // `sync` is what makes a write survive a power cut; memory ignores it.
      await batch.write({ sync: true } as object)
      return true
    } catch (cause) {
      throw storageError(cause, this.#init.name)
    }
  }

  snapshot(): StoreSnapshot {
    const snapshot = this.#store.snapshot()
    const reader = new LevelReader(this.#store, this.#init.name, snapshot)
    return {
      get: (key) => reader.get(key),
      getMany: (keys) => reader.getMany(keys),
      range: (range) => reader.range(range),
      close: () => snapshot.close(),
    }
  }

  async reclaim(gte: string, lt: string): Promise<void> {
    if (!canCompact(this.#store)) return
    try {
      await this.#store.compactRange(gte, lt)
    } catch (cause) {
      throw storageError(cause, this.#init.name)
    }
  }

  async close(): Promise<void> {
    try {
      await this.#store.close()
    } catch (cause) {
      throw storageError(cause, this.#init.name)
    }
  }
}
