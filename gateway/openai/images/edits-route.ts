/** `POST /v1/images/edits`: pictures that begin with those of the client, in a form or as JSON. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkValue } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import type { Pictures } from '../../../core/query/picture.ts'
import { MAX_EDIT_BYTES } from '../../../core/query/query-limits.ts'
import { askedFields } from '../../fields/asked-fields.ts'
import { FormBody } from '../../forms/form-body.ts'
import { saidFields, yesOrNo } from '../../forms/form-fields.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { MAX_IMAGES_WANTED } from '../../request/limits.ts'
import { jsonPictureFields, MAX_EDIT_FILES, picturesInForm, picturesInJson } from './edit-pictures.ts'
import { draw, type ImagesBody, imagesSchema, toImagineBody } from './images-route.ts'

/** What the route says where it is registered. */
export const EDITS_FORM = { config: { form: { maxFileBytes: MAX_EDIT_BYTES, maxFiles: MAX_EDIT_FILES } } }

export const editsFormSchema = imagesSchema.extend({
  n: z.coerce.number().int().min(1).max(MAX_IMAGES_WANTED).nullish(),
  seed: z.coerce.number().int().min(0).nullish(),
  steps: z.coerce.number().int().min(1).max(1000).nullish(),
  guidance_scale: z.coerce.number().min(0).max(100).nullish(),
  partial_images: z.coerce.number().int().min(0).max(3).nullish(),
  strength: z.coerce.number().min(0).max(1).nullish(),
  stream: yesOrNo.nullish(),
})

const editsJsonSchema = imagesSchema.extend({ strength: z.number().min(0).max(1).nullish(), ...jsonPictureFields })

/** A request for an edit, whichever way it came. */
interface Edit {
  readonly asked: ImagesBody & { readonly strength?: number | null | undefined }
  readonly pictures: Pictures
  readonly fields: ReturnType<typeof askedFields>
}

/** The handler, for a gateway's context. */
export function editsRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { asked, pictures, fields } = request.body instanceof FormBody ? ofForm(request.body) : ofJson(request.body)
    const strength = asked.strength ?? undefined
    const body = { ...toImagineBody(asked), ...pictures, ...defined({ strength }) }
    return await draw(context, request, reply, { asked, body, fields, event: 'image_edit' })
  }
}

function ofForm(form: FormBody): Edit {
  const asked = checkValue(editsFormSchema, saidFields(form.fields))
  return { asked, pictures: picturesInForm(form), fields: askedFields(form.fields, editsFormSchema) }
}

function ofJson(body: unknown): Edit {
  const asked = checkValue(editsJsonSchema, body)
  return { asked, pictures: picturesInJson(asked), fields: askedFields(body, editsJsonSchema) }
}
