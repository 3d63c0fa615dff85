/**
 * Images and recordings in `data:` URLs as programs really write them: base64 with line breaks, without padding, with
 * the letters of URLs, percent-encoded, with a charset or a name beside the type. No URL is ever fetched, so nothing in
 * a request steers a connection of ours.
 */
import { BadField } from '../../core/check-value.ts'
import type { ImagePart } from '../../core/query/chat-text.ts'

/** Longest head of a `data:` URL that is looked at: types are short, but names of files stand there too. */
const MAX_HEAD = 512

const HEAD = /^data:([a-z0-9.+/-]*)((?:;[^;,]*)*);\s*base64\s*,/i
const CLEAN = /^[A-Za-z0-9+/]+={0,2}$/
const ANY_BASE64 = /^[A-Za-z0-9+/]+$/

/** Pictures that are pixels and can be decoded here, by the names that programs have for them; SVG is a program. */
const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ['image/png', 'image/png'],
  ['image/x-png', 'image/png'],
  ['image/jpeg', 'image/jpeg'],
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['image/webp', 'image/webp'],
  ['image/gif', 'image/gif'],
  ['image/avif', 'image/avif'],
  ['image/tiff', 'image/tiff'],
  // The type is not known; the bytes tell it when the picture is decoded.
  ['', 'image/png'],
  ['application/octet-stream', 'image/png'],
])

/** What a `data:` URL says of itself. */
export interface DataUrl {
  /** In lower case; '' where none is told. */
  readonly type: string
  /** What follows the type, such as `;rate=24000`. */
  readonly parameters: string
  /** As it is written, see `plainBase64`. */
  readonly base64: string
}

/** Undefined for a text that is no `data:` URL of base64. */
export function readDataUrl(url: string): DataUrl | undefined {
  const head = HEAD.exec(url.slice(0, MAX_HEAD))
  if (head === null) return undefined
  return { type: (head[1] ?? '').toLowerCase(), parameters: head[2] ?? '', base64: url.slice(head[0].length) }
}

/** The image, its base64 plain and padded. Throws `BadField`, naming `param`. */
export function imageFromUrl(url: string, param: string): ImagePart {
  const read = readDataUrl(url)
  const mediaType = read && MEDIA_TYPES.get(read.type)
  if (read === undefined || mediaType === undefined) {
    throw new BadField(param, 'only images as data: URLs are taken', {
      fix: 'send data:image/png;base64,… (PNG, JPEG, WebP, GIF, AVIF or TIFF)',
    })
  }
  const data = plainBase64(read.base64)
  if (data === undefined) throw new BadField(param, 'the data: URL is not base64')
  return { type: 'image', mediaType, data }
}

/** The same of base64 whose type stands beside it. Throws `BadField`, naming `param`. */
export function imageOfType(mediaType: string, text: string, param: string): ImagePart {
  const known = MEDIA_TYPES.get(mediaType.toLowerCase())
  if (known === undefined) {
    throw new BadField(param, 'images of this type are not taken', {
      fix: 'send PNG, JPEG, WebP, GIF, AVIF or TIFF as base64',
    })
  }
  return { ...imageFromBase64(text, param), mediaType: known }
}

/** The same of base64 alone, of which the type is not known: the bytes tell it when the picture is decoded. */
export function imageFromBase64(text: string, param: string): ImagePart {
  if (text.startsWith('data:')) return imageFromUrl(text, param)
  const data = plainBase64(text)
  if (data === undefined) throw new BadField(param, 'the image is not base64')
  return { type: 'image', mediaType: 'image/png', data }
}

/** Base64 as everything behind reads it; undefined when it is none. */
export function plainBase64(text: string): string | undefined {
  if (text.length % 4 === 0 && CLEAN.test(text)) return text
  const letters = unescaped(text).replace(/\s+/g, '').replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/')
  if (letters.length % 4 === 1 || !ANY_BASE64.test(letters)) return undefined
  return letters.padEnd(Math.ceil(letters.length / 4) * 4, '=')
}

function unescaped(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a lone percent sign: no base64 either way
  }
}
