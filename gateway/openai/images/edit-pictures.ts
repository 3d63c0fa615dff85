/** The pictures that a drawing begins with, as a form or as JSON brings them. */
import { z } from 'zod'
import { BadField } from '../../../core/check-value.ts'
import { boundedList } from '../../../core/json/bounded-list.ts'
import { type Picture, type Pictures, pictureBytes } from '../../../core/query/picture.ts'
import { MAX_EDIT_BYTES, MAX_REFERENCES } from '../../../core/query/query-limits.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { imageFromBase64 } from '../../fields/data-url.ts'
import type { FieldFile, FormBody } from '../../forms/form-body.ts'

/** One picture to begin with, and further ones. */
const MAX_EDIT_PICTURES = MAX_REFERENCES + 1

/** All pictures, a mask, and one more, so that one too many is seen and refused. */
export const MAX_EDIT_FILES = 18

/** As OpenAI has it, or the URL alone. Links are not followed, and files of pictures are not kept here. */
const jsonPicture = z.union([
  z.string().min(1),
  z.object({ image_url: z.union([z.string().min(1), z.object({ url: z.string().min(1) })]).nullish() }),
])
type JsonPicture = z.infer<typeof jsonPicture>

const jsonPictures = boundedList(jsonPicture, { min: 1, max: MAX_EDIT_PICTURES })

/** The fields of a body of JSON that are pictures: `images` are OpenAI's, `image` is what its form calls them. */
export const jsonPictureFields = {
  images: jsonPictures.nullish(),
  image: z.union([jsonPicture, jsonPictures]).nullish(),
  mask: jsonPicture.nullish(),
}
export type JsonPictures = z.infer<z.ZodObject<typeof jsonPictureFields>>

/** The pictures in a form. Throws `BadField` and `PROMPT_TOO_LARGE`. */
export function picturesInForm({ files }: FormBody): Pictures {
  const images = files.filter(({ field }) => field === 'image' || field === 'image[]')
  const mask = files.find(({ field }) => field === 'mask')
  return pictures(
    images.map((file) => fileAsPicture(file, 'image')),
    mask && fileAsPicture(mask, 'mask'),
  )
}

/** The pictures in JSON. Throws as those in a form. */
export function picturesInJson({ images, image, mask }: JsonPictures): Pictures {
  const [field, list] = images ? ['images', images] : ['image', image ? [image].flat() : []]
  return pictures(
    list.map((each, i) => jsonAsPicture(each, `${field}[${i}]`)),
    mask ? jsonAsPicture(mask, 'mask') : undefined,
  )
}

function pictures([image, ...references]: readonly Picture[], mask: Picture | undefined): Pictures {
  if (image === undefined) {
    throw new BadField('image', 'the picture is missing', {
      fix: 'send it as a file of a form (curl -F image=@photo.png), or as JSON: images: [{ image_url: "data:…" }]',
    })
  }
  if (references.length > MAX_REFERENCES) {
    throw new BadField('image', `${MAX_EDIT_PICTURES} pictures are taken at most`, { fix: 'send fewer' })
  }
  const all = { image, ...(mask && { mask }), ...(references.length > 0 && { references }) }
  if (pictureBytes(all) <= MAX_EDIT_BYTES) return all
  throw new RealmeshError('PROMPT_TOO_LARGE', `the pictures and the mask have more than ${MAX_EDIT_BYTES} bytes`, {
    fix: 'shrink them',
  })
}

/** The node tells by the bytes what a picture is; what the client calls it only has to be a picture. */
function fileAsPicture({ bytes, mediaType }: FieldFile, field: string): Picture {
  if (bytes.length === 0) throw new BadField(field, 'is empty')
  return { mediaType: /^image\/[a-z0-9.+-]{1,32}$/.test(mediaType) ? mediaType : 'image/png', data: bytes }
}

function jsonAsPicture(picture: JsonPicture, field: string): Picture {
  const url = urlOf(picture)
  if (url === undefined) {
    throw new BadField(field, 'a picture is taken as data, not by the id of a file', {
      fix: 'send { image_url: "data:image/png;base64,…" }',
    })
  }
  const { mediaType, data } = imageFromBase64(url, field)
  return { mediaType, data: Buffer.from(data, 'base64') }
}

function urlOf(picture: JsonPicture): string | undefined {
  if (typeof picture === 'string') return picture
  const { image_url: url } = picture
  return typeof url === 'string' ? url : url?.url
}
