/**
 * A backup is a folder: chunks named by the SHA-256 of their bytes, and one manifest per run that lists them. A chunk
 * ends at a key that the key itself decides, so an insertion changes one chunk and not all that follow: the next run
 * writes only what changed.
 *
 *   chunks/ab/abcdef…        rows: length-prefixed key and value, gzip
 *   backup-<time>.json       the manifest of one run; the newest is what `restore` reads
 */
import { createHash } from 'node:crypto'
import { crc32, gunzipSync, gzipSync } from 'node:zlib'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { ShardHead } from '../shard/shard-head.ts'
import type { ShardSpec } from '../shards/sharding-config.ts'
import type { StoreEntry } from '../store/shard-store.ts'

export const BACKUP_FORMAT = 'realmesh-backup/1'

/** On average every 512th key ends a chunk: about 150 kB of history rows. */
const BOUNDARY = 512
/** A chunk ends here whatever its keys say, so that a store of large rows needs no large buffer. */
const MAX_CHUNK_BYTES = 4 * 1024 * 1024
/** A chunk never grows past one row beyond its bound: what unpacks to more is not ours. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024

export interface BackedUpStore {
  readonly name: string
  readonly records: number
  /** Sum of the records' checksums, as in a shard's head. */
  readonly sum: number
  readonly chunks: readonly string[]
  readonly head?: ShardHead
}

export interface BackupManifest {
  readonly format: typeof BACKUP_FORMAT
  readonly at: number
  /** The shards' names and places, without passwords. */
  readonly shards: readonly ShardSpec[]
  readonly stores: readonly BackedUpStore[]
}

/** Whether a chunk ends after this key. */
export function endsChunk(key: string, bytesSoFar: number): boolean {
  return bytesSoFar >= MAX_CHUNK_BYTES || crc32(key) % BOUNDARY === 0
}

/** Rows as one chunk. Level 1: the rows are JSON, and the node has better things to do. */
export function packChunk(rows: readonly StoreEntry[]): { readonly name: string; readonly bytes: Buffer } {
  const parts: Buffer[] = []
  for (const [key, value] of rows) {
    const name = Buffer.from(key)
    const header = Buffer.alloc(8)
    header.writeUInt32LE(name.length, 0)
    header.writeUInt32LE(value.length, 4)
    parts.push(header, name, Buffer.from(value.buffer, value.byteOffset, value.byteLength))
  }
  const content = Buffer.concat(parts)
  return { name: createHash('sha256').update(content).digest('hex'), bytes: gzipSync(content, { level: 1 }) }
}

/** The rows of a chunk. Throws `BACKUP_INVALID` when it is not what its name says. */
export function unpackChunk(name: string, bytes: Uint8Array): StoreEntry[] {
  const content = unzip(name, bytes)
  if (createHash('sha256').update(content).digest('hex') !== name) throw invalid(`chunk ${name} was changed`)
  const rows: StoreEntry[] = []
  for (let at = 0; at < content.length; ) {
    const keyBytes = content.readUInt32LE(at)
    const valueBytes = content.readUInt32LE(at + 4)
    const from = at + 8
    rows.push([
      content.toString('utf8', from, from + keyBytes),
      content.subarray(from + keyBytes, from + keyBytes + valueBytes),
    ])
    at = from + keyBytes + valueBytes
  }
  return rows
}

function unzip(name: string, bytes: Uint8Array): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES })
  } catch (cause) {
    throw invalid(`chunk ${name} does not unpack`, cause)
  }
}

/** The error of a backup that cannot be used. */
export function invalid(message: string, cause?: unknown): RealmeshError {
  return new RealmeshError('BACKUP_INVALID', message, { fix: 'use another backup', cause })
}

const HEX_NAME = /^[0-9a-f]{64}$/

/**
 * Where a chunk lies below the backup's folder. A name that is not a hash is refused: manifests may come from anywhere.
 */
export function chunkPath(name: string): readonly [string, string, string] {
  if (!HEX_NAME.test(name)) throw invalid('the manifest names a chunk that cannot be one')
  return ['chunks', name.slice(0, 2), name]
}
