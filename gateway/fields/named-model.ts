/** The models that a request may be about: those within its reach that its key is for. */
import type { FastifyRequest } from 'fastify'
import { sameModel } from '../../core/model/model-name.ts'
import { matchesModel } from '../../core/model/model-pattern.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { ListedModel } from '../../node/api/node-api.ts'
import { requestOptions } from '../answer/query-headers.ts'
import { type GatewayContext, userOf } from '../request/gateway-context.ts'

/** What a look at the models needs of the context. */
export type ModelsContext = Pick<GatewayContext, 'node' | 'keys'>

/** Throws `BAD_REQUEST` for a scope in the headers that is none. */
export function modelsFor({ node, keys }: ModelsContext, request: FastifyRequest): readonly ListedModel[] {
  const listed = node.models(requestOptions(request.headers).query.scope)
  const patterns = keys.permitted(userOf(request))?.models
  return patterns === undefined ? listed : listed.filter(({ model }) => matchesModel(patterns, model.name))
}

/** Throws `MODEL_NOT_FOUND`, and `BAD_REQUEST` for a scope in the headers that is none. */
export function namedModel(context: ModelsContext, request: FastifyRequest, name: string): ListedModel {
  const named = modelsFor(context, request).find(({ model }) => sameModel(model.name, name))
  if (named !== undefined) return named
  throw new RealmeshError('MODEL_NOT_FOUND', 'no node within reach has a model of that name', {
    fix: 'see GET /v1/models for the names',
  })
}
