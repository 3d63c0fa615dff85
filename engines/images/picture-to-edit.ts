/** A picture and its mask as engines of Stable Diffusion take them. */
import type { Picture } from '../../core/query/picture.ts'
import { openImage } from './image-input.ts'
import { loadSharp } from './load-sharp.ts'

/** Edges are multiples of this: one point of the latent picture. */
const EDGE_STEP = 8

/** Width and height of the picture, down to what engines draw, pixels. Throws `BAD_REQUEST` for no picture. */
export async function drawnSize({ data }: Picture): Promise<{ readonly width: number; readonly height: number }> {
  const { header } = await openImage(Buffer.from(data))
  return { width: drawnEdge(header.width), height: drawnEdge(header.height) }
}

function drawnEdge(pixels: number): number {
  return Math.max(EDGE_STEP, pixels - (pixels % EDGE_STEP))
}

/** The mask in grey, as PNG: white is drawn anew, which is what the mask has transparent; black stays. */
export async function greyMask({ data }: Picture): Promise<Buffer> {
  const sharp = await loadSharp()
  return await sharp(data).ensureAlpha().extractChannel('alpha').negate().toColourspace('b-w').png().toBuffer()
}
