/** Models in Anthropic's shape: those that messages may be sent to. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkValue } from '../../core/check-value.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../core/model/model-name.ts'
import type { ListedModel } from '../../node/api/node-api.ts'
import { modelsFor, namedModel } from '../fields/named-model.ts'
import type { GatewayContext } from '../request/gateway-context.ts'

const name = z.string().max(MAX_MODEL_NAME_LENGTH).optional()
const page = z.object({
  limit: z.coerce.number().int().min(1).optional(),
  after_id: name,
  before_id: name,
})

/** The handler of the list: all at once unless the client wants pages. `since`: when this gateway started. */
export function messageModels(context: GatewayContext, since: string) {
  return (request: FastifyRequest): object => {
    const { limit, after_id: after, before_id: before } = checkValue(page, request.query, 'query')
    const all = modelsFor(context, request).filter(
      ({ model }) => model.types.includes('chat') || model.types.includes('vision'),
    )
    const from = after === undefined ? 0 : all.findIndex(({ model }) => model.name === after) + 1
    const to = before === undefined ? -1 : all.findIndex(({ model }) => model.name === before)
    const rest = all.slice(from, to < 0 ? undefined : to)
    const told = limit === undefined ? rest : to < 0 ? rest.slice(0, limit) : rest.slice(-limit)
    return {
      data: told.map((listed) => messageModelInfo(listed, since)),
      has_more: told.length < rest.length,
      first_id: told[0]?.model.name ?? null,
      last_id: told.at(-1)?.model.name ?? null,
    }
  }
}

/** The handler of one model. Ids hold slashes and colons, so the rest of the path is the id. */
export function messageModel(context: GatewayContext, since: string) {
  return (request: FastifyRequest<{ Params: { '*': string } }>): object => {
    return messageModelInfo(namedModel(context, request, request.params['*']), since)
  }
}

const supported = (yes: boolean): object => ({ supported: yes })

/** Engines tell no dates: clients only need one. */
function messageModelInfo({ model }: ListedModel, since: string): object {
  const { capabilities: can, contextLength } = model
  const think = supported(can.reasoning)
  return {
    type: 'model',
    id: model.name,
    display_name: model.name,
    created_at: since,
    deprecated_at: null,
    retires_at: null,
    lifecycle: 'active',
    line: null,
    max_input_tokens: contextLength ?? null,
    max_tokens: null,
    capabilities: {
      batch: supported(false),
      citations: supported(false),
      code_execution: supported(false),
      context_management: {
        ...supported(false),
        clear_thinking_20251015: null,
        clear_tool_uses_20250919: null,
        compact_20260112: null,
      },
      effort: { ...supported(can.reasoning), low: think, medium: think, high: think, xhigh: think, max: think },
      image_input: supported(can.vision),
      pdf_input: supported(false),
      server_tools: { ...supported(false), code_execution: supported(false), web_search: supported(false) },
      structured_outputs: supported(can.structured),
      thinking: {
        ...supported(can.reasoning),
        types: { adaptive: think, between_tools: supported(false), disabled: supported(true), enabled: think },
      },
    },
  }
}
