import type { QueryEvent } from '../../core/query/query-event.ts'

/** All events of a run, or the error it ends with. */
export async function collect(events: AsyncIterable<QueryEvent>): Promise<QueryEvent[]> {
  const all: QueryEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

/** The answer's text. */
export function textOf(events: readonly QueryEvent[]): string {
  return events.map((event) => (event.kind === 'text' ? event.text : '')).join('')
}
