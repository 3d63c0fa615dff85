/**
 * The envelope around every stored value: format, version of the record's kind, and a checksum over key, version and content.
 * LevelDB's own checksums do not notice a record under the wrong key or a value from an older state; ours take part in the
 * shard's sum (shard-head.ts), which does.
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

const CRC_OF_BYTE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc >>> 0
})

/** CRC-32 of a key. Ours are short and ASCII, for which a call of zlib's takes several times as long. */
function keyChecksum(key: string, version: number): number {
  let crc = ~version
  for (let at = 0; at < key.length; at += 1) {
    const char = key.charCodeAt(at)
    if (char > 0x7f) return crc32(key, version)
    crc = (crc >>> 8) ^ (CRC_OF_BYTE[(crc ^ char) & 0xff] ?? 0)
  }
  return ~crc >>> 0
}

function checksum(key: string, version: number, content: Uint8Array): number {
  return crc32(content, keyChecksum(key, version))
}

/** The bytes to store under `key`. `version` is 1 to 255. */
export function encodeRecord(key: string, value: unknown, version = 1): Uint8Array {
  const text = JSON.stringify(value)
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(text))
  bytes[0] = FORMAT
  bytes[1] = version
  bytes.write(text, HEADER_BYTES)
  // The same checksum as of the bytes: of the key with the content behind it, in one call.
  bytes.writeUInt32LE(crc32(key + text, version), 2)
  return bytes
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The checksum that the envelope carries, without looking whether it is right; 0 for what is too short to carry one. */
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
