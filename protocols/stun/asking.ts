/** The asking side of STUN's Binding, over IPv4: where the internet sees a socket. Pure. */

const HEADER_BYTES = 20
const MAGIC_COOKIE = 0x2112_a442
const BINDING_REQUEST = 0x0001
const BINDING_SUCCESS = 0x0101
const XOR_MAPPED_ADDRESS = 0x0020
const IPV4 = 1

/** Where a socket is seen. */
export interface MappedPlace {
  readonly address: string
  readonly port: number
}

/** `transaction`: 12 bytes that nobody can guess, which the answer repeats. */
export function bindingRequest(transaction: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES - transaction.length)
  header.writeUInt16BE(BINDING_REQUEST, 0)
  header.writeUInt32BE(MAGIC_COOKIE, 4)
  return Buffer.concat([header, transaction])
}

/** What an answer to that request says; undefined for all else. */
export function mappedPlaceOf(bytes: Buffer, transaction: Buffer): MappedPlace | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt16BE(0) !== BINDING_SUCCESS) return undefined
  if (bytes.readUInt32BE(4) !== MAGIC_COOKIE || !bytes.subarray(8, HEADER_BYTES).equals(transaction)) return undefined
  for (let at = HEADER_BYTES; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16BE(at + 2)
    const value = bytes.subarray(at + 4, at + 4 + length)
    if (bytes.readUInt16BE(at) === XOR_MAPPED_ADDRESS && value.length === 8 && value[1] === IPV4) return unmasked(value)
    at += 4 + ((length + 3) & ~3)
  }
  return undefined
}

function unmasked(value: Buffer): MappedPlace {
  const host = (value.readUInt32BE(4) ^ MAGIC_COOKIE) >>> 0
  const address = [24, 16, 8, 0].map((bits) => (host >>> bits) & 0xff).join('.')
  return { address, port: value.readUInt16BE(2) ^ (MAGIC_COOKIE >>> 16) }
}
