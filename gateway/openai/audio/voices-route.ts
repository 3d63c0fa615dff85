/** `GET /v1/audio/voices` and `/v1/audio/models`: what speaks in the swarm, and with which voices. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkValue } from '../../../core/check-value.ts'
import { sameModel } from '../../../core/model/model-name.ts'
import type { ListedModel } from '../../../node/api/node-api.ts'
import { modelsFor } from '../../fields/named-model.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'

/** What stands behind the question mark: the model whose voices are meant. */
export const voicesQuery = z.object({ model: z.string().optional() })

/** The handler of the voices: each once, with the models that have it. */
export function listVoices(context: GatewayContext) {
  return (request: FastifyRequest): object => {
    const { model: wanted } = checkValue(voicesQuery, request.query, 'query')
    const modelsOf = new Map<string, string[]>()
    for (const { model } of speaking(context, request)) {
      if (wanted !== undefined && !sameModel(model.name, wanted)) continue
      for (const voice of model.voices ?? []) modelsOf.set(voice, [...(modelsOf.get(voice) ?? []), model.name])
    }
    const voices = [...modelsOf].map(([voice, models]) => ({ id: voice, name: voice, models }))
    return { object: 'list', voices }
  }
}

/** The handler of the models that speak. */
export function listSpeakingModels(context: GatewayContext) {
  return (request: FastifyRequest): object => {
    const models = speaking(context, request).map(({ model, engines }) => ({
      id: model.name,
      object: 'model',
      owned_by: engines[0] ?? 'realmesh',
      voices: (model.voices ?? []).map((voice) => ({ id: voice, name: voice })),
    }))
    return { object: 'list', models }
  }
}

function speaking(context: GatewayContext, request: FastifyRequest): readonly ListedModel[] {
  return modelsFor(context, request).filter(({ model }) => model.types.includes('speak'))
}
