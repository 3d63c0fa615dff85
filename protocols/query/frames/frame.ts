/** A frame is its length as an unsigned varint, then that many bytes. */

/** Bytes of the longest length that is accepted: three hold 2 MiB, far above the longest frame. */
export const MAX_LENGTH_BYTES = 3

/** `payload` with its length before it, in one piece of memory, so that it leaves in one write. */
export function framed(payload: Uint8Array): Uint8Array {
  const { byteLength } = payload
  const prefix = byteLength < 0x80 ? 1 : byteLength < 0x4000 ? 2 : 3
  const frame = Buffer.allocUnsafe(prefix + byteLength)
  let rest = byteLength
  for (let i = 0; i < prefix - 1; i += 1) {
    frame[i] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  frame[prefix - 1] = rest
  frame.set(payload, prefix)
  return frame
}
