import { type ChatQuery, isChat } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { RunOptions, RunQuery } from '../../core/run/run-query.ts'
import { cleanImages } from '../../engines/images/image-input.ts'

/** Images are decoded and drawn anew before they leave the node: what a camera wrote into them (place, time, owner) stays here. */
export function withCleanImages(run: RunQuery): RunQuery {
  return (query, options) => {
    if (!isChat(query) || query.type !== 'vision') return run(query, options)
    return cleaned(run, query, options)
  }
}

async function* cleaned(run: RunQuery, query: ChatQuery, options: RunOptions): AsyncGenerator<QueryEvent> {
  yield* run(await cleanImages(query), options)
}
