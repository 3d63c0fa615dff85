/**
 * Pictures on their way to an engine: decoded, so that what is no picture goes no further; turned upright, shrunk and encoded anew, so that
 * nothing but the pixels leaves (no place, no time, no camera); and in a format that every engine reads.
 */
import { type ChatMessage, type ChatQuery, type ContentPart, isChat } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { imageTypeOf } from './image-bytes.ts'
import { loadSharp } from './load-sharp.ts'

/** Largest encoded picture that is decoded: what the gateway lets in for one vision query. */
export const MAX_INPUT_BYTES = 16 * 1024 * 1024

/** Most pixels that are decoded: four bytes each, so at most 200 MB for a moment. A photo of a telephone has 12 to 50 million. */
export const MAX_INPUT_PIXELS = 50_000_000

/** Longest edge that is sent on: vision models look at tiles and shrink anything larger themselves. */
export const MAX_EDGE = 2_048

/** Pictures in one query: each costs a decode and hundreds of tokens. */
export const MAX_IMAGES = 16

const JPEG_QUALITY = 90

type ImagePart = Extract<ContentPart, { type: 'image' }>

/** One picture, clean: PNG where it has transparency or was PNG, otherwise JPEG. Throws `BAD_REQUEST` or `PROMPT_TOO_LARGE`. */
export async function cleanImage(part: ImagePart): Promise<ImagePart> {
  const bytes = Buffer.from(part.data, 'base64')
  if (bytes.length > MAX_INPUT_BYTES) {
    throw new RealmeshError('PROMPT_TOO_LARGE', `an image has more than ${MAX_INPUT_BYTES} bytes`, { fix: 'shrink it' })
  }
  // Told by the first bytes, so that no loader for vector or document formats ever runs.
  const mediaType = imageTypeOf(bytes)
  if (mediaType === undefined) {
    throw new RealmeshError('BAD_REQUEST', 'an image is none that can be read', { fix: 'send PNG, JPEG, WebP or GIF' })
  }
  const sharp = await loadSharp()
  try {
    const image = sharp(bytes, { limitInputPixels: MAX_INPUT_PIXELS, failOn: 'error' })
    const { hasAlpha = false } = await image.metadata()
    const upright = image
      .autoOrient()
      .resize({ width: MAX_EDGE, height: MAX_EDGE, fit: 'inside', withoutEnlargement: true })
    if (mediaType === 'image/png' || hasAlpha) {
      return { type: 'image', mediaType: 'image/png', data: (await upright.png().toBuffer()).toString('base64') }
    }
    const jpeg = await upright.jpeg({ quality: JPEG_QUALITY }).toBuffer()
    return { type: 'image', mediaType: 'image/jpeg', data: jpeg.toString('base64') }
  } catch (cause) {
    if (cause instanceof RealmeshError) throw cause
    if (cause instanceof Error && /pixel limit/i.test(cause.message)) {
      throw new RealmeshError('PROMPT_TOO_LARGE', `an image has more than ${MAX_INPUT_PIXELS} pixels`, {
        fix: 'shrink it',
        cause,
      })
    }
    throw new RealmeshError('BAD_REQUEST', 'an image is damaged', { cause })
  }
}

async function cleanMessage(message: ChatMessage): Promise<ChatMessage> {
  if (typeof message.content === 'string' || message.content.every((part) => part.type === 'text')) return message
  const content: ContentPart[] = []
  // One after the other: a decode takes every core there is.
  for (const part of message.content) content.push(part.type === 'image' ? await cleanImage(part) : part)
  return { ...message, content }
}

function imageCount({ body }: ChatQuery): number {
  return body.messages.reduce(
    (sum, { content }) =>
      sum + (typeof content === 'string' ? 0 : content.filter((part) => part.type === 'image').length),
    0,
  )
}

/** The query with every picture clean; the same object when it has none. */
export async function cleanImages(query: ChatQuery): Promise<ChatQuery> {
  const count = isChat(query) ? imageCount(query) : 0
  if (count === 0) return query
  if (count > MAX_IMAGES) {
    throw new RealmeshError('PROMPT_TOO_LARGE', `the query has ${count} images`, { fix: `send at most ${MAX_IMAGES}` })
  }
  const messages: ChatMessage[] = []
  for (const message of query.body.messages) messages.push(await cleanMessage(message))
  return { ...query, body: { ...query.body, messages } }
}
