/** From a request to a query of the node: with the caller's key and headers, and the connection as the signal. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { defined } from '../../core/defined.ts'
import type { Logger } from '../../core/logger.ts'
import type { StartEvent } from '../../core/query/query-event.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { AcceptedQuery, QueryRequest } from '../../node/api/node-api.ts'
import { type GatewayContext, userOf } from '../request/gateway-context.ts'
import { clientSignal } from './client-signal.ts'
import { type AskedFields, type IgnoredComponents, ignoredBy } from './ignored-fields.ts'
import { requestOptions } from './query-headers.ts'

/** The part of a query that its API family parses: what is asked for, of which model, in which words. */
export type Asked = QueryRequest extends infer R
  ? R extends QueryRequest
    ? Pick<R, 'type' | 'model' | 'body' | 'scope' | 'trace' | 'keepsTexts'>
    : never
  : never

export interface Submitted {
  readonly accepted: AcceptedQuery
  /** Whether the client wants the route receipt with the answer. */
  readonly wantsReceipt: boolean
  /** Whether the client wants to be told of the wait in events. */
  readonly wantsQueue: boolean
  /** The fields of the request that the engine of a start leaves out; before one is known, those that none gets. */
  readonly ignored: (start: StartEvent | undefined) => readonly string[]
  readonly clock: Clock
  readonly log: Logger
}

const NO_FIELDS: AskedFields = { carried: [], dropped: [] }

/** What the queries of one request share, and the way in which each is handed to the node. */
export interface Submission extends Omit<Submitted, 'accepted'> {
  /** The id that the client chose. */
  readonly idGiven: string | undefined
  /** Aborts when the client goes away. */
  readonly signal: CancelSignal
  /** Throws what the node refuses at once. `id`: instead of the client's; `life`: ends with `signal` or before. */
  readonly submit: (asked: Asked | undefined, life: CancelSignal, id?: string) => AcceptedQuery
}

/**
 * The way in for a request in which `fields` say something. Throws `BAD_REQUEST` for headers that are wrong. The first
 * query that is submitted has the client's id and is named in the head of the answer.
 */
export function submission(
  context: GatewayContext,
  request: FastifyRequest,
  reply: FastifyReply,
  fields: AskedFields,
): Submission {
  const { query, wantsReceipt, wantsQueue } = requestOptions(request.headers)
  const { id: idGiven, ...options } = query
  const user = userOf(request)
  const signal = clientSignal(reply.raw, context.clock)
  let first = true
  const submit: Submission['submit'] = (asked, life, other) => {
    if (asked === undefined) throw new TypeError('there is nothing to ask')
    const id = first ? idGiven : other
    const own = { ...options, user, wantsReceipt, ...defined({ id }) }
    const accepted = context.node.query({ ...asked, ...own }, { signal: life })
    // Errors carry it too: by it the receipt of a query that failed is found.
    if (first) reply.raw.setHeader('x-realmesh-query', accepted.id)
    first = false
    return accepted
  }
  const { clock, log } = context
  return { wantsReceipt, wantsQueue, ignored: ignoredOf(context, fields), idGiven, signal, submit, clock, log }
}

/** Which of `fields` an engine leaves out, as `Submitted` has it. */
export function ignoredOf({ node }: GatewayContext, fields: AskedFields = NO_FIELDS): Submitted['ignored'] {
  const components: IgnoredComponents = {
    ownNode: node.peerId,
    reasons: (model) => node.model(model)?.model.capabilities.reasoning ?? true,
  }
  return (start) => ignoredBy(start, fields, components)
}

/**
 * Hands `asked`, the request in which `fields` say something, to the node. Throws what the node refuses at once, and
 * `BAD_REQUEST` for headers that are wrong. `life` ends it.
 * @default the client's leaving
 */
export function submit(
  context: GatewayContext,
  request: FastifyRequest,
  reply: FastifyReply,
  asked: Asked,
  fields: AskedFields = NO_FIELDS,
  life?: CancelSignal,
): Submitted {
  const { submit: handOver, ...rest } = submission(context, request, reply, fields)
  return { ...rest, accepted: handOver(asked, life ?? rest.signal) }
}
