/** A picture as bytes: what a drawing is to begin with. */

export interface Picture {
  /** Such as `image/png`. */
  readonly mediaType: string
  readonly data: Uint8Array
}

/** The pictures that `body` brings, in the order in which they travel: the picture, then the mask. */
export function picturesOf({ image, mask }: { readonly image?: Picture; readonly mask?: Picture }): readonly Picture[] {
  return [image, mask].filter((each) => each !== undefined)
}

/** Bytes of the pictures that `body` brings. */
export function pictureBytes(body: { readonly image?: Picture; readonly mask?: Picture }): number {
  return picturesOf(body).reduce((sum, { data }) => sum + data.byteLength, 0)
}
