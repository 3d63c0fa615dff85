/** The models that a request may be about: those within its reach that its key is for. */
import type { FastifyRequest } from 'fastify'
import { cleanText } from '../../core/clean-text.ts'
import { canonicalModelName } from '../../core/model/model-name.ts'
import { matchesModel } from '../../core/model/model-pattern.ts'
import { didYouMean } from '../../core/nearest.ts'
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

/** The one of them that `name` means. Throws as `modelsFor` does. */
export function modelFor(
  { node, keys }: ModelsContext,
  request: FastifyRequest,
  name: string,
): ListedModel | undefined {
  const listed = node.model(name, requestOptions(request.headers).query.scope)
  const patterns = keys.permitted(userOf(request))?.models
  if (listed === undefined || patterns === undefined) return listed
  return matchesModel(patterns, listed.model.name) ? listed : undefined
}

/**
 * Throws `MODEL_NOT_FOUND`, and `BAD_REQUEST` for a scope in the headers that is none. `list`: the path of the client's
 * own API that lists the names.
 */
export function namedModel(
  context: ModelsContext,
  request: FastifyRequest,
  name: string,
  list = '/v1/models',
): ListedModel {
  const known = modelFor(context, request, name)
  if (known !== undefined) return known
  const names = modelsFor(context, request).map(({ model }) => canonicalModelName(model.name))
  const meant = didYouMean(canonicalModelName(name), names)
  throw new RealmeshError('MODEL_NOT_FOUND', `no node within reach has the model ${cleanText(name)}`, {
    fix: `${meant === undefined ? '' : `${meant} `}GET ${list} lists what there is`,
  })
}
