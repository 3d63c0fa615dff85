/** `POST /v1/images/edits`: pictures that begin with one of the client's, as a form. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { BadField, checkValue } from '../../core/check-value.ts'
import { defined } from '../../core/defined.ts'
import { type Picture, pictureBytes } from '../../core/query/picture.ts'
import { MAX_EDIT_BYTES } from '../../core/query/query-limits.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { askedFields } from '../fields/asked-fields.ts'
import type { FieldFile, FormBody } from '../forms/form-body.ts'
import { saidFields, yesOrNo } from '../forms/form-fields.ts'
import { formOf } from '../forms/form-routes.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { MAX_IMAGES_WANTED } from '../request/limits.ts'
import { draw, imagesSchema, toImagineBody } from './images-route.ts'

/** A picture, a mask, and one more, so that a second picture is seen and refused. */
const MAX_EDIT_FILES = 3

/** What the route says where it is registered. */
export const EDITS_FORM = { config: { form: { maxFileBytes: MAX_EDIT_BYTES, maxFiles: MAX_EDIT_FILES } } }

export const editsSchema = imagesSchema.extend({
  n: z.coerce.number().int().min(1).max(MAX_IMAGES_WANTED).nullish(),
  seed: z.coerce.number().int().min(0).nullish(),
  steps: z.coerce.number().int().min(1).max(1000).nullish(),
  guidance_scale: z.coerce.number().min(0).max(100).nullish(),
  partial_images: z.coerce.number().int().min(0).max(3).nullish(),
  strength: z.coerce.number().min(0).max(1).nullish(),
  stream: yesOrNo.nullish(),
})

/** The handler, for a gateway's context. */
export function editsRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const form = formOf(request)
    const asked = checkValue(editsSchema, saidFields(form.fields))
    const strength = asked.strength ?? undefined
    const body = { ...toImagineBody(asked), ...picturesIn(form), ...defined({ strength }) }
    const fields = askedFields(form.fields, editsSchema)
    return await draw(context, request, reply, { asked, body, fields, event: 'image_edit' })
  }
}

function picturesIn({ files }: FormBody): { readonly image: Picture; readonly mask?: Picture } {
  const [image, ...more] = files.filter(({ field }) => field === 'image' || field === 'image[]')
  const mask = files.find(({ field }) => field === 'mask')
  if (image === undefined) {
    throw new BadField('image', 'the picture is missing', {
      fix: 'send it as a file of a form: curl -F image=@photo.png',
    })
  }
  if (more.length > 0) throw new BadField('image', 'one picture is taken', { fix: 'send one, and a mask if need be' })
  const pictures = {
    image: pictureOf(image, 'image'),
    ...(mask !== undefined && { mask: pictureOf(mask, 'mask') }),
  }
  if (pictureBytes(pictures) <= MAX_EDIT_BYTES) return pictures
  throw new RealmeshError('PROMPT_TOO_LARGE', `the picture and the mask have more than ${MAX_EDIT_BYTES} bytes`, {
    fix: 'shrink them',
  })
}

/** The node tells by the bytes what a picture is; what the client calls it only has to be a picture. */
function pictureOf({ bytes, mediaType }: FieldFile, field: string): Picture {
  if (bytes.length === 0) throw new BadField(field, 'is empty')
  return { mediaType: /^image\/[a-z0-9.+-]{1,32}$/.test(mediaType) ? mediaType : 'image/png', data: bytes }
}
