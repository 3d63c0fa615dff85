/** `POST /v1/images/generations`: pictures as base64, or as `data:` URLs where a client insists on URLs. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkValue } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../../core/model/model-name.ts'
import { assertTextFits } from '../../../core/query/prompt-size.ts'
import type { ImagineBody } from '../../../core/query/query.ts'
import { sendStream } from '../../answer/stream-answer.ts'
import { submit } from '../../answer/submit.ts'
import { askedFields } from '../../fields/asked-fields.ts'
import { GatheredImages } from '../../gathering/images.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { MAX_IMAGES_WANTED } from '../../request/limits.ts'
import { sendAnswer, sseFormat } from '../format/send-answer.ts'
import { ImageEvents, type ImageEventsInit } from './image-events.ts'

/** Previews of one request: what OpenAI allows. */
const MAX_PARTIAL_IMAGES = 3

export const imagesSchema = z.object({
  model: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
  prompt: z.string().min(1),
  n: z.number().int().min(1).max(MAX_IMAGES_WANTED).nullish(),
  size: z
    .string()
    .regex(/^(auto|[1-9]\d{1,3}x[1-9]\d{1,3})$/, 'expected WIDTHxHEIGHT such as 512x512')
    .nullish(),
  response_format: z.enum(['b64_json', 'url']).nullish(),
  negative_prompt: z.string().nullish(),
  seed: z.number().int().min(0).nullish(),
  steps: z.number().int().min(1).max(1000).nullish(),
  guidance_scale: z.number().min(0).max(100).nullish(),
  stream: z.boolean().nullish(),
  partial_images: z.number().int().min(0).max(MAX_PARTIAL_IMAGES).nullish(),
  output_format: z
    .literal('png', { error: 'pictures come as the engine draws them, which is PNG; leave it out or say png' })
    .nullish(),
})

export type ImagesBody = z.infer<typeof imagesSchema>

/** The handler, for a gateway's context. */
export function imagesRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const body = checkValue(imagesSchema, request.body)
    const fields = askedFields(request.body, imagesSchema)
    return await draw(context, request, reply, {
      asked: body,
      body: toImagineBody(body),
      fields,
      event: 'image_generation',
    })
  }
}

/** What is to be drawn, and how the client wants to have it. */
export interface Drawing {
  readonly asked: ImagesBody
  readonly body: ImagineBody
  readonly fields: ReturnType<typeof askedFields>
  readonly event: ImageEventsInit['event']
}

/** Asks for the pictures and sends them, in one piece or as events. */
export async function draw(
  context: GatewayContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { asked, body, fields, event }: Drawing,
): Promise<FastifyReply> {
  assertTextFits([asked.prompt, asked.negative_prompt ?? ''])
  const model = asked.model ?? ''
  const submitted = submit(context, request, reply, { type: 'imagine', model, body }, fields)
  if (asked.stream === true) {
    const init = { previews: asked.partial_images ?? 0, size: asked.size ?? 'auto', event }
    const format = sseFormat(submitted, (start) => new ImageEvents(start, init))
    const previews = init.previews > 0
    return sendStream(reply, submitted, { ...format, previews }, model)
  }
  const created = Math.floor(context.clock.wall() / 1000)
  return sendAnswer(reply, submitted, new GatheredImages(), (images) =>
    imagesBody(images, created, asked.response_format === 'url'),
  )
}

/** What of a request is the query's. */
export function toImagineBody(body: ImagesBody): ImagineBody {
  const size = /^(\d+)x(\d+)$/.exec(body.size ?? '')
  return {
    prompt: body.prompt,
    ...(size !== null && { width: Number(size[1]), height: Number(size[2]) }),
    ...defined({
      count: body.n ?? undefined,
      negativePrompt: body.negative_prompt ?? undefined,
      seed: body.seed ?? undefined,
      steps: body.steps ?? undefined,
      guidance: body.guidance_scale ?? undefined,
    }),
  }
}

function imagesBody(images: GatheredImages, created: number, asUrl: boolean): object {
  const data = images.all.map((image) => {
    const base64 = Buffer.from(image.data).toString('base64')
    return asUrl ? { url: `data:${image.mediaType};base64,${base64}` } : { b64_json: base64 }
  })
  return { created, data }
}
