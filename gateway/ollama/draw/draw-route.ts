/** `POST /api/generate` of a model that draws. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { checkValue } from '../../../core/check-value.ts'
import { sendStream } from '../../answer/stream-answer.ts'
import { submit } from '../../answer/submit.ts'
import { waitFields } from '../../answer/waiting.ts'
import { sendWhole } from '../../answer/whole-answer.ts'
import { ollamaErrorBody } from '../../api/ollama-error.ts'
import { modelFor } from '../../fields/named-model.ts'
import { problemOf } from '../../request/error-handler.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { createdAt } from '../format/answer-end.ts'
import { wishedFields } from '../format/wishes.ts'
import { drawSchema, toDrawing } from './draw-request.ts'
import { DrawnAnswer, type DrawnInit } from './drawn-answer.ts'

/** Whether the model is one that draws and does not talk. */
export function draws(context: GatewayContext, request: FastifyRequest, model: string): boolean {
  const { types } = modelFor(context, request, model)?.model ?? {}
  return types?.includes('imagine') === true && !types.includes('chat')
}

/** Draws the prompt. Throws while the status is open. */
export async function sendDrawing(
  context: GatewayContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { clock, log, node } = context
  const begunAt = clock.monotonic()
  const body = checkValue(drawSchema, request.body)
  const model = body.model ?? ''
  const asked = { type: 'imagine', model, body: toDrawing(body) } as const
  const submitted = submit(context, request, reply, asked, wishedFields(request.body, drawSchema))
  const { wantsReceipt, ignored } = submitted
  const init: DrawnInit = { model, steps: asked.body.steps, clock, begunAt, own: node.peerId, wantsReceipt }
  if (body.stream === false) {
    return sendWhole(reply, submitted, new DrawnAnswer(init), {
      toBody: (drawn) => drawn.toBody(),
      error: ollamaErrorBody,
    })
  }
  const empty = JSON.stringify({ model, created_at: createdAt(init), response: '', done: false }).slice(0, -1)
  return sendStream(
    reply,
    submitted,
    {
      ignored,
      contentType: 'application/x-ndjson',
      ping: `${empty}}\n`,
      wait: (event) => `${empty},"realmesh":${JSON.stringify({ queue: waitFields(event) })}}\n`,
      previews: true,
      pieces: (start) => new DrawnAnswer(init, start),
      error: (thrown) => `${ollamaErrorBody(problemOf(thrown, log))}\n`,
    },
    model,
  )
}
