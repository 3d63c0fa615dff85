/**
 * The node as the API families see it: with each key's limits around every query, so that no door can forget them.
 * Queries of keys without limits pass as they are.
 */
import { textsOf } from '../../core/query/chat-text.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { AcceptedQuery, NodeApi, QueryRequest } from '../../node/api/node-api.ts'
import type { Allowance } from './allowance.ts'

/** Characters per token of a prompt, until the engine has counted: English has four, code has fewer. */
const CHARACTERS_PER_TOKEN = 4

export interface LimitedNodeComponents {
  readonly node: NodeApi
  /** Undefined for a user without limits. */
  readonly allowanceOf: (user: string) => Allowance | undefined
  /** What else the owner set for the user's queries. */
  readonly boundsOf: (user: string) => Pick<QueryRequest, 'permitted' | 'scopeLimit'>
}

/** The same node, and the limits of the user with every query. */
export function limitedNode({ node, allowanceOf, boundsOf }: LimitedNodeComponents): NodeApi {
  const query = (request: QueryRequest, options: { readonly signal: CancelSignal }): AcceptedQuery => {
    const asked = { ...request, ...boundsOf(request.user) }
    const allowance = allowanceOf(request.user)
    if (allowance === undefined) return node.query(asked, options)
    allowance.assertMayBegin()
    const { id, events } = node.query(asked, options)
    return { id, events: counted(events, allowance, promptEstimate(request)) }
  }
  return {
    peerId: node.peerId,
    get responses() {
      return node.responses
    },
    get files() {
      return node.files
    },
    get batches() {
      return node.batches
    },
    query,
    models: (scope) => node.models(scope),
    status: () => node.status(),
    peers: () => node.peers(),
    receipt: (id, user) => node.receipt(id, user),
  }
}

/** Of texts only: pictures and recordings have what the engine says of them. To count tokens costs none. */
function promptEstimate({ type, body }: QueryRequest): number {
  if (type === 'tokens') return 0
  const characters = textsOf(body).reduce((sum, { length }) => sum + length, 0)
  return Math.ceil(characters / CHARACTERS_PER_TOKEN)
}

/** Tokens of the answer are counted as they come, the prompt by `estimate`; what the engine counted corrects both. */
async function* counted(
  events: AsyncIterable<QueryEvent>,
  allowance: Allowance,
  estimate: number,
): AsyncGenerator<QueryEvent> {
  allowance.begin()
  let used = estimate
  allowance.use(estimate)
  try {
    for await (const event of events) {
      if (event.kind === 'text' || event.kind === 'reasoning') {
        const tokens = event.tokens ?? 1
        used += tokens
        allowance.use(tokens)
      } else if (event.kind === 'end' && event.usage !== undefined) {
        const told = event.usage.promptTokens + event.usage.completionTokens
        allowance.use(told - used)
        used = told
      }
      yield event
    }
  } finally {
    allowance.end()
  }
}
