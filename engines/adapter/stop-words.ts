/**
 * Ends an answer before a stop word where the engine does not: servers that are known by name only may write the word
 * itself, or go on behind it. What may be the beginning of a stop word is held back until it is known.
 */
import type { QueryEvent, TextEvent } from '../../core/query/query-event.ts'

/** The events up to the first stop word, and an end. `stop`: words that are not empty. */
export async function* untilStopWord(
  events: AsyncIterable<QueryEvent>,
  stop: readonly string[],
): AsyncGenerator<QueryEvent> {
  let held: readonly TextEvent[] = []
  let stopped = false
  for await (const event of events) {
    if (event.kind === 'text') {
      if (stopped) {
        // The engine goes on all the same; leaving it ends its work.
        yield { kind: 'end', finishReason: 'stop' }
        return
      }
      const all = [...held, event]
      const text = textOf(all)
      const at = firstOf(text, stop)
      stopped = at >= 0
      const sure = stopped ? at : text.length - longestStart(text, stop)
      yield* cut(all, 0, sure, stopped)
      held = stopped ? [] : behind(all, sure)
      continue
    }
    yield* held
    held = []
    yield stopped && event.kind === 'end' ? { ...event, finishReason: 'stop' } : event
  }
}

function textOf(events: readonly TextEvent[]): string {
  return events.map(({ text }) => text).join('')
}

/** Where the first stop word begins; -1: there is none. */
function firstOf(text: string, stop: readonly string[]): number {
  const found = stop.map((word) => text.indexOf(word)).filter((at) => at >= 0)
  return found.length === 0 ? -1 : Math.min(...found)
}

/** Length of the longest end of the text that is the beginning of a stop word. */
function longestStart(text: string, stop: readonly string[]): number {
  const longest = Math.max(...stop.map((word) => word.length)) - 1
  for (let length = Math.min(longest, text.length); length > 0; length -= 1) {
    const end = text.slice(-length)
    if (stop.some((word) => word.startsWith(end))) return length
  }
  return 0
}

/** The events that end before `to`; with `within` the one that reaches over it too, cut there. */
function cut(events: readonly TextEvent[], from: number, to: number, within: boolean): readonly TextEvent[] {
  const [first, ...others] = events
  if (first === undefined || from >= to) return []
  const end = from + first.text.length
  if (end <= to) return [first, ...cut(others, end, to, within)]
  return within ? [{ ...first, text: first.text.slice(0, to - from) }] : []
}

/** The events that `cut` leaves. */
function behind(events: readonly TextEvent[], to: number): readonly TextEvent[] {
  return events.slice(cut(events, 0, to, false).length)
}
