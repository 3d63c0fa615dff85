/** A stream of server-sent events, from bytes to the text of each event. What is no such stream is `ENGINE_GARBAGE`. */
import { createParser, type EventSourceParser } from 'eventsource-parser'
import { garbage } from './http-errors.ts'
import { LineBatches, MAX_LINE_BYTES } from './line-batches.ts'

export interface SseReaderInit {
  /** Kind of the engine, for error texts. */
  readonly engine: string
  /** Gets each event's data; may throw. */
  readonly onData: (data: string) => void
}

export class SseReader {
  readonly #engine: string
  readonly #lines: LineBatches
  readonly #parser: EventSourceParser
  #sawEvent = false

  constructor({ engine, onData }: SseReaderInit) {
    this.#engine = engine
    this.#lines = new LineBatches({ engine })
    this.#parser = createParser({
      maxBufferSize: MAX_LINE_BYTES,
      onEvent: ({ data }) => {
        this.#sawEvent = true
        onData(data)
      },
      onError: (error) => {
        throw garbage(engine, 'something that is not an event stream', error)
      },
    })
  }

  push(chunk: Buffer): void {
    const lines = this.#lines.push(chunk)
    if (lines !== '') this.#parser.feed(lines)
  }

  /** The reply is over: takes a last event without its blank line. Throws when there was no event at all. */
  flush(): void {
    this.#parser.feed(`${this.#lines.flush()}\n\n`)
    if (!this.#sawEvent) throw garbage(this.#engine, 'no event stream')
  }
}

/** The data of an event as a JSON object. */
export function eventObject(engine: string, data: string): Readonly<Record<string, unknown>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(data)
  } catch (cause) {
    throw garbage(engine, 'an event that is not JSON', cause)
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw garbage(engine, 'an event that is not an object')
  }
  return parsed as Readonly<Record<string, unknown>>
}
