/**
 * A stream of server-sent events, from bytes to the text of each event, read as the standard says: a byte order mark,
 * comments, fields that the standard does not know and events without data are passed over. A server that answers with
 * one JSON text instead is heard too.
 */
import { createParser, type EventSourceParser } from 'eventsource-parser'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { parseEngineJson } from './engine-json.ts'
import { garbage } from './http-errors.ts'
import { asObject, type JsonObject } from './json-shape.ts'
import { LineBatches, MAX_LINE_BYTES } from './line-batches.ts'

const BYTE_ORDER_MARK = /^\ufeff/
const JSON_BODY = /^[{[]/

export interface SseReaderInit {
  /** Kind of the engine, for error texts. */
  readonly engine: string
  /** Gets each event's data, never blank, and its name, '' where it has none; may throw. */
  readonly onData: (data: string, name: string) => void
  /** Gets the whole body where it is JSON and no stream. @default such a body is `ENGINE_GARBAGE` */
  readonly onWhole?: (text: string) => void
}

export class SseReader {
  readonly #init: SseReaderInit
  readonly #lines: LineBatches
  readonly #parser: EventSourceParser
  #sawEvent = false
  /** The body so far, once it began like JSON; undefined once it began like a stream. */
  #whole: string[] | undefined = []

  constructor(init: SseReaderInit) {
    this.#init = init
    this.#lines = new LineBatches({ engine: init.engine })
    this.#parser = createParser({
      maxBufferSize: MAX_LINE_BYTES,
      onEvent: ({ data, event = '' }) => {
        this.#sawEvent = true
        if (data.trim() !== '') init.onData(data, event)
      },
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') throw garbage(init.engine, 'an event without end', error)
      },
    })
  }

  push(chunk: Buffer): void {
    const lines = this.#lines.push(chunk)
    if (lines !== '') this.#take(lines)
  }

  /** The reply is over: takes a last event without its blank line. Throws when there was no event at all. */
  flush(): void {
    const begun = this.#sawEvent
    const rest = this.#lines.flush()
    try {
      this.#takeRest(rest)
    } catch (error) {
      // A line that was cut says nothing: the answer stopped in its middle.
      const cut = begun && rest !== '' && error instanceof RealmeshError && error.code === 'ENGINE_GARBAGE'
      if (!cut) throw error
    }
  }

  #takeRest(rest: string): void {
    this.#take(rest)
    const body = this.#whole?.join('') ?? ''
    if (body.trim() !== '' && this.#init.onWhole !== undefined) {
      this.#init.onWhole(body)
      return
    }
    if (this.#whole === undefined) this.#parser.feed('\n\n')
    if (!this.#sawEvent) throw garbage(this.#init.engine, 'no event stream')
  }

  #take(text: string): void {
    if (this.#whole === undefined) {
      this.#parser.feed(text)
      return
    }
    const known = this.#whole.length > 0
    const begun = known ? text : text.replace(BYTE_ORDER_MARK, '').trimStart()
    if (begun === '') return
    if (known || JSON_BODY.test(begun)) this.#whole.push(begun)
    else {
      this.#whole = undefined
      this.#parser.feed(begun)
    }
  }
}

/** The data of an event as a JSON object; the first of a list, in which Google's servers put their errors. */
export function eventObject(engine: string, data: string): JsonObject {
  let parsed: unknown
  try {
    parsed = parseEngineJson(data)
  } catch (cause) {
    throw garbage(engine, 'an event that is not JSON', cause)
  }
  const object = asObject(Array.isArray(parsed) ? parsed[0] : parsed)
  if (object === undefined) throw garbage(engine, 'an event that is not an object')
  return object
}
