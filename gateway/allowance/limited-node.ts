/**
 * The node as the API families see it: with each key's limits around every query, so that no door can forget them,
 * and with its end: when the owner takes a key back, what runs for it ends.
 */
import { textsOf } from '../../core/query/chat-text.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { type LinkedAbort, linkedAbort } from '../../core/run/linked-abort.ts'
import { relayedRun } from '../../core/run/relayed-run.ts'
import type { AcceptedQuery, NodeApi, QueryRequest } from '../../node/api/node-api.ts'
import type { Allowance } from './allowance.ts'

/** Characters per token of what the engine has not counted yet: English has four, code has fewer. */
const CHARACTERS_PER_TOKEN = 4

export interface LimitedNodeComponents {
  readonly node: NodeApi
  /** Undefined for a user without limits. */
  readonly allowanceOf: (user: string) => Allowance | undefined
  /**
   * Aborts when what the user asked for is to end; undefined: never. Throws where nothing of theirs may begin, for
   * queries of batches and those that are taken up after a restart come without a key.
   */
  readonly lifeOf: (user: string) => CancelSignal | undefined
  /** What else the owner set for the user's queries. */
  readonly boundsOf: (user: string) => Pick<QueryRequest, 'permitted' | 'scopeLimit'>
}

/** The same node, and the limits of the user with every query. */
export function limitedNode({ node, allowanceOf, lifeOf, boundsOf }: LimitedNodeComponents): NodeApi {
  const query = (request: QueryRequest, { signal }: { readonly signal: CancelSignal }): AcceptedQuery => {
    const asked = { ...request, ...boundsOf(request.user) }
    const ofKey = lifeOf(request.user)
    if (ofKey === undefined) return node.query(asked, { signal })
    const allowance = allowanceOf(request.user)
    allowance?.assertMayBegin()
    const life = linkedAbort()
    const { id, events } = node.query(asked, { signal: life.signal })
    const ended = within({ client: signal, ofKey, life }, events)
    return { id, events: allowance === undefined ? ended : counted(ended, allowance, promptEstimate(request)) }
  }
  return {
    peerId: node.peerId,
    get federation() {
      return node.federation
    },
    get responses() {
      return node.responses
    },
    get files() {
      return node.files
    },
    get batches() {
      return node.batches
    },
    get users() {
      return node.users
    },
    query,
    models: (scope) => node.models(scope),
    model: (name, scope) => node.model(name, scope),
    status: () => node.status(),
    figures: () => node.figures(),
    peers: () => node.peers(),
    swarm: () => node.swarm(),
    receipt: (id, user) => node.receipt(id, user),
  }
}

interface Bounds {
  readonly client: CancelSignal
  readonly ofKey: CancelSignal
  /** Of the events themselves. */
  readonly life: LinkedAbort
}

/** The same events, which end with the client and with the key. While they are not read nothing is listened to. */
function within({ client, ofKey, life }: Bounds, events: AsyncIterable<QueryEvent>): AsyncIterable<QueryEvent> {
  const end = (): void => life.abort(ofKey.reason)
  return relayedRun({
    begin: () => {
      life.follow(client)
      if (ofKey.aborted) end()
      ofKey.addEventListener('abort', end)
      return events
    },
    onEvent: (event) => event,
    onClosed: () => {
      ofKey.removeEventListener('abort', end)
      life.release()
    },
  })
}

/** Of texts only: pictures and recordings have what the engine says of them. To count tokens costs none. */
function promptEstimate({ type, body }: QueryRequest): number {
  if (type === 'tokens') return 0
  const characters = textsOf(body).reduce((sum, { length }) => sum + length, 0)
  return Math.ceil(characters / CHARACTERS_PER_TOKEN)
}

/** Of a piece of an answer. Calls of tools are written by the model too, and no engine tells their tokens. */
function tokensOf(event: QueryEvent): number {
  if (event.kind === 'text' || event.kind === 'reasoning') return event.tokens ?? 1
  return event.kind === 'toolCall' ? Math.max(1, Math.ceil(event.arguments.length / CHARACTERS_PER_TOKEN)) : 0
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
      const before = used
      if (event.kind === 'end' && event.usage !== undefined) {
        used = event.usage.promptTokens + event.usage.completionTokens
      } else used += tokensOf(event)
      if (used !== before) allowance.use(used - before)
      yield event
    }
  } finally {
    allowance.end()
  }
}
