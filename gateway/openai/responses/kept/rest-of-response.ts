/**
 * The rest of a response whose process ended in the middle: the node is asked to go on right behind the last character
 * that is kept. What a model cannot go on with, such as half a tool call, fails and says so.
 */

import { defined } from '../../../../core/defined.ts'
import { isContent, type QueryEvent } from '../../../../core/query/query-event.ts'
import { type ErrorCode, RealmeshError, toRealmeshError } from '../../../../core/realmesh-error.ts'
import type { CancelSignal } from '../../../../core/run/cancel-signal.ts'
import { pauseFor } from '../../../../core/run/clock.ts'
import type { QueryRequest } from '../../../../node/api/node-api.ts'
import type { GatewayContext } from '../../../request/gateway-context.ts'
import { toResponseChat } from '../asked/response-request.ts'
import { type EarlierResponses, wholeInput } from './earlier-items.ts'
import type { ResponseRecord } from './response-record.ts'

/** How often one response outlives its process: one that ends it each time must not do so for ever. */
export const MAX_TAKEN_UP = 8

/** How long a place that can go on is waited for, milliseconds: after a power cut rigs come back one by one. */
export const PLACE_WITHIN_MS = 10 * 60_000

/** Between two tries, milliseconds: the first pause, and the longest. */
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000

/** What a node that has just started says of things that it does not see yet, though they are there. */
const NOT_SEEN_YET: ReadonlySet<ErrorCode> = new Set(['MODEL_NOT_FOUND', 'CAPABILITY_MISSING'])

export interface RestComponents {
  readonly context: GatewayContext
  /** Where it finds the responses that it builds on. */
  readonly earlier: EarlierResponses
}

export interface RestInit {
  readonly user: string
  readonly record: ResponseRecord
  readonly signal: CancelSignal
}

/** The events that are missing. Throws what the response then fails with. */
export async function* restOfResponse(
  { context, earlier }: RestComponents,
  { user, record, signal }: RestInit,
): AsyncGenerator<QueryEvent> {
  if (record.takenUp > MAX_TAKEN_UP) throw new RealmeshError('ANSWER_CUT', 'the node ended too often while it came')
  const request = await askAgain(earlier, user, record)
  const { clock, node } = context
  const giveUpAt = clock.monotonic() + PLACE_WITHIN_MS
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    let grown = false
    try {
      for await (const event of node.query(request, { signal }).events) {
        grown ||= isContent(event)
        yield event
      }
      return
    } catch (thrown) {
      const { retryable, code } = toRealmeshError(thrown)
      const mayCome = !grown && (retryable || NOT_SEEN_YET.has(code))
      if (!mayCome || signal.aborted || clock.monotonic() >= giveUpAt) throw thrown
    }
    await pauseFor(pauseMs, signal, clock)
  }
}

async function askAgain(earlier: EarlierResponses, user: string, record: ResponseRecord) {
  const { queryId, model, body, way = {} } = record.init
  const { chat } = toResponseChat(body, await wholeInput(earlier, user, body))
  const { settings, ...rest } = way
  const answered = [...record.events]
  const asked = {
    id: queryId,
    type: 'chat',
    model,
    body: { ...chat, ...defined({ settings }) },
    user,
    answered,
  } as const
  return { ...asked, ...rest } satisfies QueryRequest
}
