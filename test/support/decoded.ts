/** What a client makes of a body that a decoder reads: its text, its calls put together, how it ended. */
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { AnswerDecoder } from '../../engines/http/answer-stream.ts'
import { textOf } from './collect.ts'

export interface Gathered {
  readonly text: string
  readonly reasoning: string
  readonly calls: readonly (readonly [name: string, args: string])[]
  readonly ids: readonly string[]
  /** Why it ended; undefined when it did not. */
  readonly finish: string | undefined
}

/** Reads the whole body; throws what the decoder throws. */
export function decoded(decoder: AnswerDecoder, body: string): readonly QueryEvent[] {
  const out: QueryEvent[] = []
  decoder.push(Buffer.from(body), out)
  if (!decoder.ended) decoder.flush(out)
  return out
}

export function gather(events: readonly QueryEvent[]): Gathered {
  const calls: { name: string; id: string; args: string }[] = []
  for (const event of events) {
    if (event.kind !== 'toolCall') continue
    calls[event.index] ??= { name: '', id: '', args: '' }
    const call = calls[event.index]
    if (call === undefined) continue
    call.name += event.name ?? ''
    call.id += event.id ?? ''
    call.args += event.arguments
  }
  const end = events.at(-1)
  return {
    text: textOf(events),
    reasoning: events.map((event) => (event.kind === 'reasoning' ? event.text : '')).join(''),
    calls: calls.map(({ name, args }) => [name, args] as const),
    ids: calls.map(({ id }) => id),
    finish: end?.kind === 'end' ? end.finishReason : undefined,
  }
}
