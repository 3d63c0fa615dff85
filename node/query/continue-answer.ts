/**
 * A dying rig does not cut an answer: goes on with a chat answer on another worker, right behind the last character that the client
 * has. Wraps the router; the router alone handles failures before the first content.
 */
import { isAutoModel } from '../../core/model/model-name.ts'
import { type ChatQuery, isChat, type Query } from '../../core/query/query.ts'
import type { EndEvent, QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { RouteOptions, RouteQuery } from '../route/route-query.ts'
import { AnswerSoFar } from './answer-so-far.ts'

/** How often one answer changes hands. Five deaths within one answer mean that something else is wrong. */
export const MAX_CONTINUATIONS = 5

/** Wraps `route` so that an answer that broke after its first content is continued where that is possible. */
export function continueAnswer(route: RouteQuery): RouteQuery {
  return (query, options) => {
    if (!isChat(query) || options.continuation === false) return route(query, options)
    return continued(route, query, options)
  }
}

async function* continued(route: RouteQuery, query: ChatQuery, options: RouteOptions): AsyncGenerator<QueryEvent> {
  const answer = new AnswerSoFar(query)
  let current: Query = query
  for (let handovers = 0; ; handovers += 1) {
    const sentBefore = answer.tokens
    const reasonedBefore = answer.reasoned
    try {
      for await (const event of route(current, options)) {
        if (event.kind === 'end') {
          yield withWholeUsage(event, sentBefore)
          return
        }
        const seam = handovers > 0 && (event.kind === 'start' || event.kind === 'queued')
        if (seam || (event.kind === 'reasoning' && handovers > 0 && reasonedBefore)) continue
        answer.saw(event)
        yield event
      }
      throw new RealmeshError('PROTOCOL_ERROR', 'the answer stopped without an end')
    } catch (thrown) {
      const error = toRealmeshError(thrown)
      if (options.signal.aborted || !answer.begun) throw error
      const model = options.journal.modelServed ?? (isAutoModel(query.model) ? undefined : query.model)
      const hopeless = !error.retryable || handovers >= MAX_CONTINUATIONS || model === undefined
      if (hopeless || answer.rescue() === 'impossible') throw answerCut(error, answer)
      options.journal.noteContinued()
      current = answer.remainder(model)
    }
  }
}

/** The last worker counted the text before it, an estimated `sentBefore` tokens, as prompt; in the whole answer it counts as written. */
function withWholeUsage(event: EndEvent, sentBefore: number): EndEvent {
  if (sentBefore === 0 || event.usage === undefined) return event
  return {
    ...event,
    usage: {
      promptTokens: Math.max(0, event.usage.promptTokens - sentBefore),
      completionTokens: event.usage.completionTokens + sentBefore,
    },
  }
}

function answerCut(cause: RealmeshError, answer: AnswerSoFar): RealmeshError {
  return new RealmeshError(
    'ANSWER_CUT',
    `the answer broke after ${answer.text.length} characters and could not be continued: ${cause.message}`,
    { cause, fix: 'ask again; a second node with the same model lets an answer survive' },
  )
}
