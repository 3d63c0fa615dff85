/** `GET /v1/models` and `GET /v1/models/{id}`: every model of the swarm under the name that its engine uses. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { defined } from '../../core/defined.ts'
import type { Model } from '../../core/model/model.ts'
import type { QueryType } from '../../core/query/query.ts'
import type { ListedModel } from '../../node/api/node-api.ts'
import { modelsFor, namedModel } from '../fields/named-model.ts'
import type { GatewayContext } from '../request/gateway-context.ts'

/** The handler of the list. */
export function listModels(context: GatewayContext, created: number) {
  return (request: FastifyRequest): object => {
    return { object: 'list', data: modelsFor(context, request).map((listed) => toOpenAiModel(listed, created)) }
  }
}

/** The handler of one model. Ids hold slashes and colons, so the rest of the path is the id. */
export function oneModel(context: GatewayContext, created: number) {
  return (request: FastifyRequest<{ Params: { '*': string } }>, reply: FastifyReply): FastifyReply => {
    return reply.send(toOpenAiModel(namedModel(context, request, request.params['*']), created))
  }
}

type Modality = 'text' | 'image' | 'audio' | 'embedding'

/** What goes into a query of each type, and what comes out. */
const MODALITIES: Readonly<Record<QueryType, readonly [Modality, Modality]>> = {
  chat: ['text', 'text'],
  vision: ['image', 'text'],
  imagine: ['text', 'image'],
  embed: ['text', 'embedding'],
  rerank: ['text', 'text'],
  tokens: ['text', 'text'],
  transcribe: ['audio', 'text'],
  speak: ['text', 'audio'],
}

/** As llama-server tells them. */
function architectureOf({ types, capabilities }: Model): object {
  const all = capabilities.vision ? [...types, 'vision' as const] : types
  const sides = all.map((type) => MODALITIES[type])
  return {
    input_modalities: [...new Set(sides.map(([input]) => input))],
    output_modalities: [...new Set(sides.map(([, output]) => output))],
  }
}

/** `created` is when this gateway started: engines do not tell, clients only need a number. */
function toOpenAiModel(listed: ListedModel, created: number): object {
  const { model, nodes, loaded, local, engines } = listed
  return {
    id: model.name,
    object: 'model',
    created,
    owned_by: engines[0] ?? 'realmesh',
    architecture: architectureOf(model),
    // In the memory of some rig, or to be loaded by the first query.
    status: { value: loaded.length > 0 ? 'loaded' : 'unloaded' },
    realmesh: {
      nodes,
      local,
      engines,
      types: model.types,
      capabilities: model.capabilities,
      ...defined({
        not_known: model.unsure,
        context_length: model.contextLength,
        quantization: model.quantization,
        parameter_size: model.parameterSize,
      }),
    },
  }
}
