import type { ImagePart } from '../../core/query/chat-text.ts'
import { loadSharp } from '../../engines/images/load-sharp.ts'

/** A small JPEG as a telephone makes it: with the place where it was taken. */
export async function photo(): Promise<ImagePart> {
  const sharp = await loadSharp()
  const image = sharp({ create: { width: 12, height: 6, channels: 3, background: { r: 9, g: 99, b: 199 } } })
  const bytes = await image
    .withExif({ IFD3: { GPSLatitude: '52/1 31/1 0/1' } })
    .jpeg()
    .toBuffer()
  return { type: 'image', mediaType: 'image/jpeg', data: bytes.toString('base64') }
}

/** Whether a picture still tells more than its pixels. */
export async function tellsMore({ data }: ImagePart): Promise<boolean> {
  const sharp = await loadSharp()
  return (await sharp(Buffer.from(data, 'base64')).metadata()).exif !== undefined
}
