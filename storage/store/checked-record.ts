/**
 * The envelope around every stored value: format, version of the record's kind, and a checksum over key, version and
 * content. LevelDB's own checksums do not notice a record under the wrong key or a value from an older state; ours take
 * part in the shard's sum (shard-head.ts), which does.
 *
 *   0      1         2..5                    6…
 *   format version   CRC-32, little-endian   JSON, UTF-8
 */
import { crc32 } from 'node:zlib'
import { RealmeshError } from '../../core/realmesh-error.ts'

const FORMAT = 1
const HEADER_BYTES = 6

export interface CheckedRecord {
  /** Version of the record's kind, for migrations. */
  readonly version: number
  readonly value: unknown
}

function checksum(key: string, version: number, content: Uint8Array): number {
  return crc32(content, crc32(key, version))
}

/** The bytes to store under `key`. `version` is 1 to 255. */
export function encodeRecord(key: string, value: unknown, version = 1): Uint8Array {
  const text = JSON.stringify(value)
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(text))
  bytes[0] = FORMAT
  bytes[1] = version
  bytes.write(text, HEADER_BYTES)
  bytes.writeUInt32LE(checksum(key, version, bytes.subarray(HEADER_BYTES)), 2)
  return bytes
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * The checksum that the envelope carries, without looking whether it is right; 0 for what is too short to carry one.
 */
export function carriedChecksum(bytes: Uint8Array): number {
  return bytes.length < HEADER_BYTES ? 0 : view(bytes).readUInt32LE(2)
}

/** Whether format, length and checksum are right. */
export function isIntact(key: string, bytes: Uint8Array): boolean {
  if (bytes.length <= HEADER_BYTES || bytes[0] !== FORMAT) return false
  const record = view(bytes)
  return record.readUInt32LE(2) === checksum(key, record[1] ?? 0, record.subarray(HEADER_BYTES))
}

/** What was stored under `key`. Throws `STORAGE_DAMAGED` when the checksum does not fit. */
export function decodeRecord(key: string, bytes: Uint8Array): CheckedRecord {
  if (!isIntact(key, bytes)) throw new RealmeshError('STORAGE_DAMAGED', 'a stored record does not fit its checksum')
  return { version: bytes[1] ?? 0, value: JSON.parse(view(bytes).toString('utf8', HEADER_BYTES)) }
}
