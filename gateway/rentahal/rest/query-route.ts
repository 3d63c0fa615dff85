/** RENT-A-HAL's REST: a query in, a bare JSON text out, and nothing before the answer is whole. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { submission } from '../../answer/submit.ts'
import { sendWhole } from '../../answer/whole-answer.ts'
import { askedFields } from '../../fields/asked-fields.ts'
import { modelFor } from '../../fields/named-model.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { FAILED_AT, type FailedAt } from '../query/failure-words.ts'
import { GatheredResult } from '../query/gathered-result.ts'
import { inTurn } from '../query/in-turn.ts'
import { type RentAHalQuery, rentAHalQuerySchema } from '../query/query-schema.ts'
import { type FindModel, type Plan, planOf } from '../query/steps.ts'
import { checkBody, detailBody } from './detail-error.ts'

/** What a path does with the query in its body. */
export interface QueryRouteInit {
  /** @default the one that its query type stands for */
  readonly plan?: (query: RentAHalQuery) => Plan
  /** Overwrites the query type of the body. */
  readonly type?: string
  readonly opening?: FailedAt
  /** The answer around its result. @default the bare result */
  readonly around?: (result: string) => unknown
}

/** The handler of a path whose body is a query. */
export function queryRoute(context: GatewayContext, init: QueryRouteInit = {}) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const query = checkBody(rentAHalQuerySchema, request.body)
    const { dropped } = askedFields(request.body, rentAHalQuerySchema)
    return await sendResult(context, request, reply, { ...init, query, dropped })
  }
}

/** A query as its path understood it. */
export interface AskedResult extends QueryRouteInit {
  readonly query: RentAHalQuery
  /** Fields of the body that nothing reads. */
  readonly dropped: readonly string[]
}

/** Asks, and sends the answer once it is whole. Throws while the status is open. */
export async function sendResult(
  context: GatewayContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { query, dropped, type, plan: toPlan, opening = FAILED_AT.query, around = (result) => result }: AskedResult,
): Promise<FastifyReply> {
  const meant = { ...query, query_type: type ?? query.query_type }
  const plan = toPlan?.(meant) ?? planOf(meant, namedIn(context, request))
  const fields = { carried: [], dropped: [...plan.left, ...dropped] }
  const asking = submission(context, request, reply, fields)
  const accepted = inTurn(asking, plan.steps, asking.signal)
  return await sendWhole(reply, { ...asking, accepted }, new GatheredResult(plan.resultType), {
    toBody: ({ result }) => JSON.stringify(around(result)),
    error: detailBody(opening),
  })
}

/** Looks for a model only where one is named. */
function namedIn(context: GatewayContext, request: FastifyRequest): FindModel {
  return (name, type) => {
    if (name === '') return undefined
    const { model } = modelFor(context, request, name) ?? {}
    return model?.types.includes(type) === true ? model.name : undefined
  }
}
