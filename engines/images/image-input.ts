/**
 * Pictures of a query, cleaned once at the door of the node where it begins, or of one that does not trust who sends
 * it: decoded, so that what is no picture goes no further; turned upright, shrunk and encoded anew, so that nothing but
 * the pixels leaves (no place, no time, no camera); and in a format that every engine reads.
 */
import type { Metadata } from 'sharp'
import { chatLength, type ImagePart, imagesOf, MAX_IMAGES } from '../../core/query/chat-text.ts'
import type { Picture } from '../../core/query/picture.ts'
import {
  type ChatMessage,
  type ChatQuery,
  type ContentPart,
  type ImagineQuery,
  isChat,
  type Query,
} from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { imageTypeOf } from './image-bytes.ts'
import { loadSharp, type Sharp } from './load-sharp.ts'

/** Largest encoded picture that is decoded: what the gateway lets in for one vision query. */
export const MAX_INPUT_BYTES = 16 * 1024 * 1024

/**
 * Most pixels that are decoded: four bytes each, so at most 200 MB for a moment. A photo of a telephone has 12 to 50
 * million.
 */
export const MAX_INPUT_PIXELS = 50_000_000

/** Longest edge that is sent on: vision models look at tiles and shrink anything larger themselves. */
export const MAX_EDGE = 2_048

const JPEG_QUALITY = 90

/** A picture that may be decoded, and what its header says. */
export interface OpenImage {
  readonly image: ReturnType<Sharp>
  readonly header: Metadata
}

/**
 * Reads the header only. Throws `BAD_REQUEST` for what is no picture, `PROMPT_TOO_LARGE` for too many bytes or pixels.
 */
export async function openImage(bytes: Buffer): Promise<OpenImage> {
  if (bytes.length > MAX_INPUT_BYTES) throw tooLarge(`${MAX_INPUT_BYTES} bytes`)
  // Told by the first bytes, so that no loader for vector or document formats ever runs.
  if (imageTypeOf(bytes) === undefined) {
    throw new RealmeshError('BAD_REQUEST', 'an image is none that can be read', {
      fix: 'send PNG, JPEG, WebP, GIF, AVIF or TIFF',
    })
  }
  const sharp = await loadSharp()
  const header = await sharp(bytes, { limitInputPixels: false }).metadata().catch(damaged)
  if (header.width * header.height > MAX_INPUT_PIXELS) throw tooLarge(`${MAX_INPUT_PIXELS} pixels`)
  return { header, image: sharp(bytes, { limitInputPixels: MAX_INPUT_PIXELS, failOn: 'error' }) }
}

/**
 * One picture, clean: PNG where it has transparency or was PNG, otherwise JPEG. Throws `BAD_REQUEST` or
 * `PROMPT_TOO_LARGE`.
 */
export async function cleanImage(part: ImagePart): Promise<ImagePart> {
  const { mediaType, data } = await cleanPicture(Buffer.from(part.data, 'base64'))
  return { ...part, mediaType, data: Buffer.from(data).toString('base64') }
}

/** The same of a picture as bytes. */
export async function cleanPicture(picture: Buffer): Promise<Picture> {
  const { image, header } = await openImage(picture)
  const upright = image
    .autoOrient()
    .resize({ width: MAX_EDGE, height: MAX_EDGE, fit: 'inside', withoutEnlargement: true })
  const png = header.format === 'png' || header.hasAlpha === true
  const encoded = png ? upright.png() : upright.jpeg({ quality: JPEG_QUALITY })
  const data = await encoded.toBuffer().catch(damaged)
  return { mediaType: png ? 'image/png' : 'image/jpeg', data }
}

function tooLarge(bound: string): RealmeshError {
  return new RealmeshError('PROMPT_TOO_LARGE', `an image has more than ${bound}`, { fix: 'shrink it' })
}

function damaged(cause: unknown): never {
  throw new RealmeshError('BAD_REQUEST', 'an image is damaged', { cause })
}

async function cleanMessage(message: ChatMessage): Promise<ChatMessage> {
  if (typeof message.content === 'string' || imagesOf(message).length === 0) return message
  const content: ContentPart[] = []
  // One after the other: a decode takes every core there is.
  for (const part of message.content) content.push(part.type === 'image' ? await cleanImage(part) : part)
  return { ...message, content }
}

/** The query with every picture clean; the same object when it has none. */
export async function cleanImages(query: ChatQuery): Promise<ChatQuery> {
  const { images } = chatLength(query.body)
  if (images === 0) return query
  if (images > MAX_IMAGES) {
    throw new RealmeshError('PROMPT_TOO_LARGE', `the query has ${images} images`, { fix: `send at most ${MAX_IMAGES}` })
  }
  const messages: ChatMessage[] = []
  for (const message of query.body.messages) messages.push(await cleanMessage(message))
  return { ...query, body: { ...query.body, messages } }
}

/** Whether the query brings pictures that are to be cleaned. */
export function bringsPictures(query: Query): query is ChatQuery | ImagineQuery {
  return query.type === 'vision' || (query.type === 'imagine' && query.body.image !== undefined)
}

/** The query with every picture clean. Throws `BAD_REQUEST` for a mask that nothing of is transparent. */
export async function cleanPictures(query: ChatQuery | ImagineQuery): Promise<Query> {
  if (isChat(query)) return await cleanImages(query)
  const { image, mask, references, ...body } = query.body
  if (image === undefined) return query
  const clean = ({ data }: Picture): Promise<Picture> => cleanPicture(Buffer.from(data))
  const others: Picture[] = []
  const pictures = { image: await clean(image), ...(mask && { mask: await cleanMask(mask) }) }
  // One after the other, as those of a conversation.
  for (const other of references ?? []) others.push(await clean(other))
  return { ...query, body: { ...body, ...pictures, ...(references && { references: others }) } }
}

async function cleanMask({ data }: Picture): Promise<Picture> {
  const { header } = await openImage(Buffer.from(data))
  if (header.hasAlpha === true) return await cleanPicture(Buffer.from(data))
  throw new RealmeshError('BAD_REQUEST', 'the mask has no transparency', {
    fix: 'make transparent what is to be drawn anew',
  })
}
