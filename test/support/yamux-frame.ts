/** Frames of yamux as bytes, for tests of what a hostile peer may put into them. */

export const DATA = 0
export const WINDOW = 1
export const PING = 2

export const SYN = 1
export const ACK = 2
export const FIN = 4
export const RST = 8

export interface YamuxFrameInit {
  readonly type: number
  /** @default none */
  readonly flags?: number
  /** @default 0, the connection itself */
  readonly stream?: number
  readonly data?: Uint8Array
  /** What the header claims. @default the length of the data */
  readonly length?: number
}

export function yamuxFrame({ type, flags = 0, stream = 0, data = Buffer.alloc(0), length }: YamuxFrameInit): Buffer {
  const header = Buffer.alloc(12)
  header.writeUInt8(type, 1)
  header.writeUInt16BE(flags, 2)
  header.writeUInt32BE(stream, 4)
  header.writeUInt32BE(length ?? data.byteLength, 8)
  return Buffer.concat([header, data])
}
