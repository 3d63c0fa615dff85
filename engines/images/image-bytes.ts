/** Images as engines send them: told by their first bytes, never by a name. */
import { garbage } from '../http/http-errors.ts'

/** Largest single image that is taken from an engine: a 4096 x 4096 PNG of noise stays below it. */
export const MAX_IMAGE_BYTES = 64 * 1024 * 1024

/** Images of one query at most: the biggest batch that front ends offer. */
export const MAX_IMAGES_PER_QUERY = 16

/** A TIFF begins with the order of its bytes: `II*` or `MM*`. */
const TIFF_ORDERS = [
  [0x49, 0x49, 0x2a, 0x00],
  [0x4d, 0x4d, 0x00, 0x2a],
] as const

const SIGNATURES: readonly (readonly [string, (bytes: Uint8Array) => boolean])[] = [
  ['image/png', (bytes) => startsWith(bytes, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['image/jpeg', (bytes) => startsWith(bytes, 0, [0xff, 0xd8, 0xff])],
  [
    'image/webp',
    (bytes) => startsWith(bytes, 0, [0x52, 0x49, 0x46, 0x46]) && startsWith(bytes, 8, [0x57, 0x45, 0x42, 0x50]),
  ],
  ['image/gif', (bytes) => startsWith(bytes, 0, [0x47, 0x49, 0x46, 0x38])],
  // A box `ftyp` of the brand `avif`.
  ['image/avif', (bytes) => startsWith(bytes, 4, [0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69, 0x66])],
  ['image/tiff', (bytes) => TIFF_ORDERS.some((order) => startsWith(bytes, 0, order))],
]

function startsWith(bytes: Uint8Array, at: number, expected: readonly number[]): boolean {
  return expected.every((byte, i) => bytes[at + i] === byte)
}

/** The media type that the first bytes prove; undefined for anything else. */
export function imageTypeOf(bytes: Uint8Array): string | undefined {
  return SIGNATURES.find(([, matches]) => matches(bytes))?.[0]
}

export interface EngineImage {
  readonly mediaType: string
  readonly data: Uint8Array
}

/** An engine's image, checked. */
export function engineImage(engine: string, data: Uint8Array): EngineImage {
  const mediaType = imageTypeOf(data)
  if (mediaType === undefined) throw garbage(engine, 'something that is not an image')
  return { mediaType, data }
}

/** An engine's image from base64, with or without a `data:` prefix. */
export function engineImageFromBase64(engine: string, text: unknown): EngineImage {
  if (typeof text !== 'string') throw garbage(engine, 'an image that is not text')
  return engineImage(engine, Buffer.from(text.replace(/^data:[^,]*,/, ''), 'base64'))
}
