/**
 * The rest of a broken answer where nobody else can go on with it: the engine that broke it off is asked again once it
 * is back, for most are started anew within seconds.
 */
import type { Query } from '../../core/query/query.ts'
import { isContent, type QueryEvent } from '../../core/query/query-event.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import { type Clock, pauseFor } from '../../core/run/clock.ts'
import type { RouteOptions, RouteQuery } from '../route/route-journal.ts'

/**
 * How long an engine is waited for. A process that a service manager starts anew is back by then, if its model is small
 * or still in the page cache.
 */
export const RETURN_MS = 10_000
/** Between two questions whether it is back. */
const ASK_AGAIN_MS = 250

export interface SecondChanceComponents {
  readonly route: RouteQuery
  readonly clock: Clock
}

/**
 * Routes the rest of an answer: elsewhere first; where that is not possible, to the place that broke it. `kept`: nodes
 * that the client excluded.
 */
export async function* secondChance(
  { route, clock }: SecondChanceComponents,
  rest: Query,
  options: RouteOptions,
  kept: readonly string[],
): AsyncGenerator<QueryEvent> {
  const giveUpAt = clock.monotonic() + RETURN_MS
  for (;;) {
    let begun = false
    try {
      for await (const event of route(rest, options)) {
        begun ||= isContent(event)
        yield event
      }
      return
    } catch (thrown) {
      const hopeless = begun || options.signal.aborted || !toRealmeshError(thrown).retryable
      if (hopeless || clock.monotonic() >= giveUpAt) throw thrown
    }
    await pauseFor(ASK_AGAIN_MS, options.signal, clock)
    options.avoidWorkers.clear()
    for (const node of options.avoidNodes) if (!kept.includes(node)) options.avoidNodes.delete(node)
  }
}
