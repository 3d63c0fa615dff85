/** A model that a request is about, among those within reach. */
import type { FastifyRequest } from 'fastify'
import { sameModel } from '../../core/model/model-name.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { ListedModel, NodeApi } from '../../node/api/node-api.ts'
import { requestOptions } from '../answer/query-headers.ts'

/** Throws `MODEL_NOT_FOUND`, and `BAD_REQUEST` for a scope in the headers that is none. */
export function namedModel(node: Pick<NodeApi, 'models'>, { headers }: FastifyRequest, name: string): ListedModel {
  const { scope } = requestOptions(headers).query
  const listed = node.models(scope).find(({ model }) => sameModel(model.name, name))
  if (listed !== undefined) return listed
  throw new RealmeshError('MODEL_NOT_FOUND', 'no node within reach has a model of that name', {
    fix: 'see GET /v1/models for the names',
  })
}
