/**
 * What a shard says about itself, written in the same batch as every change: how many commits, how many records, and
 * the sum of all their checksums. A store that opens without an error proves nothing (a cut MANIFEST, a flipped log); a
 * scan that arrives at another count or sum proves loss.
 */
import { carriedChecksum, decodeRecord, encodeRecord } from '../store/checked-record.ts'

/** Sorts before all other keys. Not counted in its own totals. */
export const HEAD_KEY = '!head'

/**
 * Row that says by which version the layout was last changed. A shared store has no head: there it is all that tells.
 */
export const LAYOUT_KEY = 'y'

/** Layout of keys and records that this version writes: that of the last step in storage/care/migrations.ts. */
export const SCHEMA = 2

/** Sums wrap here, far below the largest exact integer. */
const SUM_MODULUS = 2 ** 48

export interface ShardHead {
  /** Chosen when the store was created; tells a store from another one that took its place. */
  readonly epoch: string
  /** Commits since creation. */
  readonly seq: number
  readonly records: number
  /** Sum of the checksums of all records, modulo 2^48. */
  readonly sum: number
  /** Version of the layout of keys and records; migrations raise it. */
  readonly schema: number
}

/** One changed key: what it held and what it holds now. */
export interface Change {
  readonly before: Uint8Array | undefined
  readonly after: Uint8Array | undefined
}

function weight(bytes: Uint8Array | undefined): number {
  return bytes === undefined ? 0 : carriedChecksum(bytes)
}

/** The sum with one checksum more. */
export function addToSum(sum: number, checksum: number): number {
  return (sum + checksum) % SUM_MODULUS
}

/** The head after one more commit of `changes`. */
export function nextHead(head: ShardHead, changes: Iterable<Change>): ShardHead {
  let { records, sum } = head
  for (const { before, after } of changes) {
    records += (after === undefined ? 0 : 1) - (before === undefined ? 0 : 1)
    sum = (sum + weight(after) - weight(before) + SUM_MODULUS) % SUM_MODULUS
  }
  return { ...head, seq: head.seq + 1, records, sum }
}

export function emptyHead(epoch: string, schema: number): ShardHead {
  return { epoch, seq: 0, records: 0, sum: 0, schema }
}

export function encodeHead(head: ShardHead): Uint8Array {
  return encodeRecord(HEAD_KEY, head)
}

/** The head as stored; throws `STORAGE_DAMAGED`. The checksum vouches for its shape. */
export function decodeHead(bytes: Uint8Array): ShardHead {
  return decodeRecord(HEAD_KEY, bytes).value as ShardHead
}
