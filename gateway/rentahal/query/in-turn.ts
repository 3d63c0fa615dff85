/** Queries of which each begins with what the one before it said, as one answer: that of the last. */
import { QUERY_ID } from '../../../core/query/query.ts'
import { isContent, type QueryEvent } from '../../../core/query/query-event.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import type { AcceptedQuery } from '../../../node/api/node-api.ts'
import type { Submission } from '../../answer/submit.ts'
import type { PlannedStep } from './steps.ts'

/** Hands the first to the node, and throws what it refuses at once. `signal` ends them all. */
export function inTurn(
  { submit, idGiven }: Pick<Submission, 'submit' | 'idGiven'>,
  [first, ...rest]: readonly [PlannedStep, ...PlannedStep[]],
  signal: CancelSignal,
): AcceptedQuery {
  const accepted = submit(first(''), signal)
  if (rest.length === 0) return accepted
  const next = (step: PlannedStep, said: string, turn: number): AsyncIterable<QueryEvent> => {
    const id = `${idGiven ?? ''}.${turn}`
    return submit(step(said), signal, idGiven !== undefined && QUERY_ID.test(id) ? id : undefined).events
  }
  return { id: accepted.id, events: joined(accepted.events, rest, next) }
}

async function* joined(
  first: AsyncIterable<QueryEvent>,
  rest: readonly PlannedStep[],
  next: (step: PlannedStep, said: string, turn: number) => AsyncIterable<QueryEvent>,
): AsyncGenerator<QueryEvent> {
  let events = first
  for (const [index, step] of rest.entries()) {
    let said = ''
    for await (const event of events) {
      if (event.kind === 'text') said += event.text
      // Its waits are the client's too; what it said goes into the next.
      else if (!isContent(event) && event.kind !== 'end') yield event
    }
    events = next(step, said.trim(), index + 1)
  }
  yield* events
}
