/**
 * The `x-realmesh-…` headers of a query, the same in every API family: what a client may say about it beside the body,
 * and what an answer says about its way.
 */

import type { IncomingHttpHeaders } from 'node:http'
import { defined } from '../../core/defined.ts'
import { QUERY_ID } from '../../core/query/query.ts'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { type TraceContext, traceContext } from '../../core/query/trace-context.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { isScope, type Scope } from '../../core/scope.ts'
import { QUEUE_HEADER } from './waiting.ts'

export interface RequestOptions {
  /** What goes into the query as it is. */
  readonly query: {
    /** `x-realmesh-query-id`: idempotency key. */
    readonly id?: string
    /** `x-realmesh-scope`: where this query may go. */
    readonly scope?: Scope
    /** `x-realmesh-continuation: off`: a broken answer ends with an error instead of going on elsewhere. */
    readonly continuation?: false
    /** `traceparent` and `tracestate`; what is no context is as if it were not there. */
    readonly trace?: TraceContext
  }
  /** `x-realmesh-receipt: 1`: the answer carries its route receipt. */
  readonly wantsReceipt: boolean
  /** `x-realmesh-events: queue`: a stream begins at once, and tells of the wait in events. */
  readonly wantsQueue: boolean
}

const NONE: RequestOptions = { query: {}, wantsReceipt: false, wantsQueue: false }

/** Reads the headers. Throws `BAD_REQUEST` for a value that is not among the documented ones. */
export function requestOptions(headers: IncomingHttpHeaders): RequestOptions {
  const id = headers['x-realmesh-query-id']
  const scope = headers['x-realmesh-scope']
  const continuation = headers['x-realmesh-continuation']
  const receipt = headers['x-realmesh-receipt']
  const events = headers['x-realmesh-events']
  const { traceparent, tracestate } = headers
  if ([id, scope, continuation, receipt, events, traceparent].every((value) => value === undefined)) return NONE
  if (id !== undefined && (typeof id !== 'string' || !QUERY_ID.test(id))) {
    throw bad('x-realmesh-query-id', 'use 1 to 128 letters, digits, dots, colons, dashes or underscores')
  }
  if (scope !== undefined && !isScope(scope)) throw bad('x-realmesh-scope', 'use local, home, friends or public')
  if (continuation !== undefined && continuation !== 'on' && continuation !== 'off') {
    throw bad('x-realmesh-continuation', 'use on or off')
  }
  if (receipt !== undefined && receipt !== '0' && receipt !== '1') throw bad('x-realmesh-receipt', 'use 0 or 1')
  if (events !== undefined && events !== 'queue') throw bad('x-realmesh-events', 'use queue')
  return {
    query: {
      ...defined({ id, scope, trace: traceContext(traceparent, tracestate) }),
      ...(continuation === 'off' && { continuation: false as const }),
    },
    wantsReceipt: receipt === '1',
    wantsQueue: events === 'queue',
  }
}

function bad(header: string, fix: string): RealmeshError {
  return new RealmeshError('BAD_REQUEST', `the header ${header} has a value that is not known`, { fix })
}

/** What is known of an answer when its head is written. */
export interface AnswerFacts {
  readonly queryId: string
  /** Peer id of the node that serves. */
  readonly node: string | undefined
  /** Kind of the engine that serves. */
  readonly engine?: string | undefined
  readonly receipt?: RouteReceipt | undefined
  /** Fields of the request that the engine leaves out. */
  readonly ignored?: readonly string[] | undefined
  /** What the answer waits for, or has waited. */
  readonly queue?: string | undefined
}

/**
 * `x-realmesh-query`; where known `x-realmesh-node` and `x-realmesh-overhead-us` (this node's own time, not the
 * engine's); `x-realmesh-verified` with a receipt that was proved; `x-realmesh-builtin` where no model answers, but a
 * part of the node; `x-realmesh-ignored` where fields of the request had no effect; and `x-realmesh-queue` where the
 * answer waits, or has waited, for a place or for its model.
 */
export function answerHeaders(facts: AnswerFacts): Record<string, string> {
  const headers: Record<string, string> = { 'x-realmesh-query': facts.queryId }
  if (facts.node !== undefined) headers['x-realmesh-node'] = facts.node
  if (facts.engine?.startsWith('builtin/') === true) headers['x-realmesh-builtin'] = facts.engine
  const { receipt } = facts
  if (receipt !== undefined) headers['x-realmesh-overhead-us'] = String(Math.round(receipt.overheadUs))
  if (receipt?.verified !== undefined) headers['x-realmesh-verified'] = receipt.verified
  if (facts.ignored !== undefined && facts.ignored.length > 0) headers['x-realmesh-ignored'] = facts.ignored.join(', ')
  if (facts.queue !== undefined) headers[QUEUE_HEADER] = facts.queue
  return headers
}

/** Headers that keep every box on the way from holding back pieces of an answer. */
export const STREAM_HEADERS = { 'cache-control': 'no-cache', 'x-accel-buffering': 'no' } as const
