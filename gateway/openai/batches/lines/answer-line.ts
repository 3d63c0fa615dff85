/** One line of a batch, answered as its endpoint would: the translation of its door, without HTTP in between. */

import type { BatchUsage } from '../../../../core/batch/user-batch.ts'
import { defined } from '../../../../core/defined.ts'
import type { EndEvent, StartEvent } from '../../../../core/query/query-event.ts'
import type { CancelSignal } from '../../../../core/run/cancel-signal.ts'
import { several } from '../../../answer/several.ts'
import { ignoredOf, type Submission } from '../../../answer/submit.ts'
import { problemOf } from '../../../request/error-handler.ts'
import type { GatewayContext } from '../../../request/gateway-context.ts'
import { openAiErrorBody } from '../../format/answer-parts.ts'
import type { ResponseDesk } from '../../responses/kept/response-desk.ts'
import { readLine } from './line-doors.ts'
import type { LineAnswer } from './line-text.ts'

export interface LineAsk {
  readonly user: string
  readonly endpoint: string
  /** The id of the query. */
  readonly id: string
  readonly body: Readonly<Record<string, unknown>>
  readonly signal: CancelSignal
  /** A worker has begun with it. Called once or more. */
  readonly onBegun: () => void
}

export interface AnsweredLine extends LineAnswer {
  readonly usage: BatchUsage | undefined
}

/** Throws what the door or the node throws. */
export async function answerLine(context: GatewayContext, desk: ResponseDesk, ask: LineAsk): Promise<AnsweredLine> {
  const { user, id, signal } = ask
  const request = await readLine(ask.endpoint, ask.body, user, desk)
  const submit: Submission['submit'] = (asked, life, other = id) => {
    if (asked === undefined) throw new TypeError('there is nothing to ask')
    const scopeLimit = context.keys.scopeLimit(user)
    const own = { id: other, user, priority: 'batch' as const, ...defined({ scopeLimit }) }
    return context.node.query({ ...asked, ...own }, { signal: life })
  }
  const rest = { idGiven: id, signal, submit, ignored: ignoredOf(context, request.fields) }
  const { accepted, ignored } = several(rest, request.asked)
  const created = Math.floor(context.clock.wall() / 1000)
  const whole = request.whole(accepted.id)
  let start: StartEvent | undefined
  let usage: BatchUsage | undefined
  for await (const event of request.kept?.(accepted.id, accepted.events) ?? accepted.events) {
    if (event.kind === 'start') {
      start = event
      ask.onBegun()
    } else if (event.kind === 'end') usage = usageOf(event)
    whole.add(event)
  }
  const body = whole.toBody({ queryId: accepted.id, model: request.model, created })
  const left = ignored(start)
  const realmesh = left.length > 0 ? { realmesh: { ignored: left } } : {}
  return { status: 200, body: JSON.stringify({ ...body, ...realmesh }), usage }
}

function usageOf({ usage }: EndEvent): BatchUsage | undefined {
  if (usage === undefined) return undefined
  const { promptTokens, cachedTokens = 0, completionTokens, reasoningTokens = 0 } = usage
  return { promptTokens, cachedTokens, completionTokens, reasoningTokens }
}

/** The answer that the line's endpoint gives to a request that fails. */
export function failedLine({ log }: Pick<GatewayContext, 'log'>, thrown: unknown): LineAnswer {
  const problem = problemOf(thrown, log)
  return { status: problem.status, body: openAiErrorBody(problem) }
}
