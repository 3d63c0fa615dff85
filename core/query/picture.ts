/** A picture as bytes: what a drawing is to begin with. */

export interface Picture {
  /** Such as `image/png`. */
  readonly mediaType: string
  readonly data: Uint8Array
}

/** The pictures of a body. */
export interface Pictures {
  readonly image?: Picture
  readonly mask?: Picture
  readonly references?: readonly Picture[]
}

/** The pictures that `body` brings, in the order in which they travel: the picture, the mask, then the others. */
export function picturesOf({ image, mask, references = [] }: Pictures): readonly Picture[] {
  return [image, mask, ...references].filter((each) => each !== undefined)
}

/** Bytes of the pictures that `body` brings. */
export function pictureBytes(body: Pictures): number {
  return picturesOf(body).reduce((sum, { data }) => sum + data.byteLength, 0)
}
