/** From a request to a query of the node: with the caller's key and headers, and the connection as the signal. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { defined } from '../../core/defined.ts'
import type { StartEvent } from '../../core/query/query-event.ts'
import type { AcceptedQuery, QueryRequest } from '../../node/api/node-api.ts'
import { type GatewayContext, userOf } from '../request/gateway-context.ts'
import { clientSignal } from './client-signal.ts'
import { ignoredBy } from './ignored-fields.ts'
import { requestOptions } from './query-headers.ts'

/** The part of a query that its API family parses: what is asked for, of which model, in which words. */
export type Asked = QueryRequest extends infer R
  ? R extends QueryRequest
    ? Pick<R, 'type' | 'model' | 'body' | 'scope'>
    : never
  : never

export interface Submitted {
  readonly accepted: AcceptedQuery
  /** Whether the client wants the route receipt with the answer. */
  readonly wantsReceipt: boolean
  /** The fields of the request that the engine of a start leaves out. */
  readonly ignored: (start: StartEvent) => readonly string[]
}

/**
 * Hands `asked`, the request in which `fields` say something, to the node. Throws what the node refuses at once, and
 * `BAD_REQUEST` for headers that are wrong.
 */
export function submit(
  context: GatewayContext,
  request: FastifyRequest,
  reply: FastifyReply,
  asked: Asked,
  fields: readonly string[] = [],
): Submitted {
  const { query, wantsReceipt } = requestOptions(request.headers)
  const user = userOf(request)
  const scopeLimit = context.keys.scopeLimit(user)
  const accepted = context.node.query(
    { ...asked, ...query, user, wantsReceipt, ...defined({ scopeLimit }) },
    { signal: clientSignal(reply.raw) },
  )
  // Errors carry it too: by it the receipt of a query that failed is found.
  reply.raw.setHeader('x-realmesh-query', accepted.id)
  return { accepted, wantsReceipt, ignored: (start) => ignoredBy(start, fields, () => context.node.status().peerId) }
}
