/** Images arrive as data: no URL is ever fetched, so nothing in a request steers a connection of ours. */
import { BadField } from '../../../core/check-value.ts'
import type { ContentPart } from '../../../core/query/query.ts'

/** Pictures that are pixels; SVG is a program and may fetch. */
const PREFIX = /^data:(image\/(?:png|jpeg|jpg|webp|gif|bmp|tiff|avif|heic|heif));base64,/i
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/** The image in a `data:` URL. Throws `BadField` with `param` for anything else. */
export function imageFromUrl(url: string, param: string): ContentPart {
  const prefix = PREFIX.exec(url.slice(0, 64))
  if (prefix === null) {
    throw new BadField(param, 'only images as data: URLs are taken', {
      fix: 'send data:image/png;base64,… (PNG, JPEG, WebP, GIF and other pixel formats)',
    })
  }
  const data = url.slice(prefix[0].length)
  if (data.length % 4 !== 0 || !BASE64.test(data)) throw new BadField(param, 'the data: URL is not base64')
  return { type: 'image', mediaType: (prefix[1] ?? '').toLowerCase().replace('/jpg', '/jpeg'), data }
}
