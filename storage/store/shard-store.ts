/**
 * The small interface that a shard needs from the software that keeps its bytes: an ordered map with atomic, synced
 * batches. LevelDB, memory and a Redis or Valkey server stand behind it; one contract suite holds for all three.
 */

/** A key and its bytes. Keys are printable ASCII and ordered by their bytes. */
export type StoreEntry = readonly [key: string, value: Uint8Array]

/** One change of a batch. `undefined` removes the key. */
export interface StoreOperation {
  readonly key: string
  readonly value: Uint8Array | undefined
}

export interface StoreRange {
  /** First key of the range; included. Default: the first of the store. */
  readonly gte?: string
  /** End of the range; not included. Default: behind the last key. */
  readonly lt?: string
  /** Whether to begin at the end. @default false */
  readonly reverse?: boolean
  /** How many entries at most. Callers page, so that no range is ever held in memory whole. */
  readonly limit: number
}

export interface StoreReader {
  get(key: string): Promise<Uint8Array | undefined>
  /** In the order of `keys`. */
  getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>
  range(range: StoreRange): Promise<StoreEntry[]>
}

/** The store as it was at one moment, whatever is written later. Close it. */
export interface StoreSnapshot extends StoreReader {
  close(): Promise<void>
}

export interface WriteOptions {
  /**
   * What these keys held when the batch was computed. A shared store writes only if that is still so; a store that only
   * this process writes to need not look.
   */
  readonly expected: ReadonlyMap<string, Uint8Array | undefined>
}

export type StoreKind = 'level' | 'memory' | 'redis'

export interface ShardStore extends StoreReader {
  readonly kind: StoreKind
  /** Whether other processes may write to it at the same time. */
  readonly shared: boolean
  /** Throws `STORAGE_LOCKED`, `STORAGE_DAMAGED`, `STORAGE_FULL` or `STORAGE_FAILED`. */
  open(): Promise<void>
  /**
   * All or nothing, and safe on the medium when it resolves. `false`: `expected` no longer holds and nothing was
   * written.
   */
  write(operations: readonly StoreOperation[], options: WriteOptions): Promise<boolean>
  /** A frozen view, taken at once; undefined where the server has none. */
  snapshot(): StoreSnapshot | undefined
  /** Frees the space of what was removed in the range, so that its bytes are gone from the medium too. */
  reclaim(gte: string, lt: string): Promise<void>
  /** Twice is harmless. */
  close(): Promise<void>
}

/** How many entries a page holds: large enough to be cheap per entry, small enough for memory at 1 MiB records. */
const PAGE_SIZE = 1_000

/** All entries of a range in key order, page by page. */
export async function* pagesOf(
  reader: StoreReader,
  range: Omit<StoreRange, 'limit' | 'reverse'> = {},
  size = PAGE_SIZE,
): AsyncGenerator<StoreEntry[]> {
  let from = range.gte
  for (;;) {
    const page = await reader.range({ ...range, ...(from === undefined ? {} : { gte: from }), limit: size })
    if (page.length > 0) yield page
    const last = page.at(-1)
    if (last === undefined || page.length < size) return
    from = keyAfter(last[0])
  }
}

/** The smallest key behind `key`: space is the smallest character that our keys hold, and none of them ends in one. */
export function keyAfter(key: string): string {
  return `${key} `
}

/** The end of the range of all keys that begin with `prefix`. */
export function prefixEnd(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
}
