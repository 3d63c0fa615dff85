/**
 * A request without a question, with which programs for Ollama have a model loaded, or with `keep_alive: 0` unloaded.
 * Here it only tells whether the model is within reach: memory is the business of each rig, and an engine loads a model
 * with the first question.
 */
import type { FastifyRequest } from 'fastify'
import { isAutoModel } from '../../../core/model/model-name.ts'
import { namedModel } from '../../fields/named-model.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { createdAt } from '../format/answer-end.ts'
import type { AnswerKind } from '../format/answer-head.ts'

interface Loading {
  readonly model?: string | null | undefined
  readonly keep_alive?: string | number | null | undefined
}

/** "At once", as programs write a time to keep a model. */
const AT_ONCE = /^0+[a-zµ]*$/

/** The body of the reply. Throws `MODEL_NOT_FOUND`. */
export function nothingAsked(
  context: GatewayContext,
  request: FastifyRequest,
  kind: AnswerKind,
  { model, keep_alive: keep }: Loading,
): object {
  const name = model ?? ''
  const known = isAutoModel(name) ? name : namedModel(context, request, name, '/api/tags').model.name
  return {
    model: known,
    created_at: createdAt(context),
    ...(kind === 'chat' ? { message: { role: 'assistant', content: '' } } : { response: '' }),
    done: true,
    done_reason: AT_ONCE.test(String(keep ?? '')) ? 'unload' : 'load',
  }
}
