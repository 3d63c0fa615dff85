/**
 * Looks at LevelDB's table files before LevelDB does. It follows the places that a table's index names without checking
 * the index: one flipped bit there can make it read outside of the file, which ends the whole process. Data blocks need
 * no look: what is wrong in them it survives, and the records' own checksums tell.
 */
import { join } from 'node:path'
import type { StoreFiles } from './store-files.ts'

/** From LevelDB's table format: two block handles, padding, and the magic number. */
const FOOTER_BYTES = 48
const MAGIC = 0xdb4775248b80fb57n
/** Behind each block: its compression, and a checksum over block and compression. */
const TRAILER_BYTES = 5
/** Stored checksums are rotated and shifted by this, so that a checksum of checksums stays sound. */
const MASK_DELTA = 0xa282ead8

const TABLE = /\.(ldb|sst)$/

interface Handle {
  readonly offset: number
  readonly size: number
}

/** Names of tables in `folder` that LevelDB must not open, with what is wrong. */
export async function unsafeTables(
  files: Pick<StoreFiles, 'list' | 'read'>,
  folder: string,
): Promise<readonly { readonly name: string; readonly problem: string }[]> {
  const found: { name: string; problem: string }[] = []
  for (const name of (await files.list(folder)) ?? []) {
    if (!TABLE.test(name)) continue
    const bytes = await files.read(join(folder, name))
    const problem = bytes === undefined ? undefined : tableProblem(bytes)
    if (problem !== undefined) found.push({ name, problem })
  }
  return found
}

/** What is wrong with a table's footer or its index; undefined when both are sound. */
export function tableProblem(table: Buffer): string | undefined {
  if (table.length < FOOTER_BYTES) return 'it is too short'
  const footer = table.subarray(table.length - FOOTER_BYTES)
  if (footer.readBigUInt64LE(FOOTER_BYTES - 8) !== MAGIC) return 'its end is not that of a table'
  const meta = readHandle(footer, 0)
  const index = meta === undefined ? undefined : readHandle(footer, meta.next)
  if (meta === undefined || index === undefined) return 'its footer cannot be read'
  if (!isSound(table, meta.handle) || !isSound(table, index.handle)) return 'its index is damaged'
  return undefined
}

function isSound(table: Buffer, { offset, size }: Handle): boolean {
  const end = offset + size + TRAILER_BYTES
  if (end > table.length - FOOTER_BYTES) return false
  const stored = table.readUInt32LE(end - 4)
  return stored === mask(crc32c(table.subarray(offset, end - 4)))
}

function readHandle(bytes: Buffer, at: number): { readonly handle: Handle; readonly next: number } | undefined {
  const offset = readVarint(bytes, at)
  const size = offset === undefined ? undefined : readVarint(bytes, offset.next)
  if (offset === undefined || size === undefined) return undefined
  return { handle: { offset: offset.value, size: size.value }, next: size.next }
}

/** An unsigned varint below 2^53; undefined when it is none. */
function readVarint(bytes: Buffer, at: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0
  let factor = 1
  for (let next = at; next < bytes.length && factor < 2 ** 53; next += 1) {
    const byte = bytes[next] ?? 0
    value += (byte & 0x7f) * factor
    if (!Number.isSafeInteger(value)) return undefined
    if (byte < 0x80) return { value, next: next + 1 }
    factor *= 0x80
  }
  return undefined
}

function mask(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0
}

/** The Castagnoli polynomial, reflected. Node's own crc32 is the other one. */
const POLYNOMIAL = 0x82f63b78

const CRC_OF_BYTE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
  return crc >>> 0
})

/** CRC-32C, as LevelDB computes it. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_OF_BYTE[(crc ^ byte) & 0xff] ?? 0)
  return (crc ^ 0xffffffff) >>> 0
}
