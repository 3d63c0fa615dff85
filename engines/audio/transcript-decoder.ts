/**
 * A transcript that comes while the engine still listens: OpenAI's events, as speaches sends them, and vLLM's, which
 * are those of a chat. The text is that of the pieces: speaches ends with an empty one.
 */
import type { TranscribeQuery } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { AnswerDecoder } from '../http/answer-stream.ts'
import { parseEngineJson } from '../http/engine-json.ts'
import { streamedError } from '../http/http-errors.ts'
import { asObject, asString, type JsonObject, objectsOf } from '../http/json-shape.ts'
import { eventObject, SseReader } from '../http/sse-reader.ts'
import { heardEnd, transcriptEvents } from './transcript.ts'

const END_MARK = '[DONE]'

export class TranscriptDecoder implements AnswerDecoder {
  readonly #engine: string
  readonly #reader: SseReader
  #out: QueryEvent[] = []
  #begun = false
  #ended = false
  #last: JsonObject = {}

  constructor(engine: string, query: TranscribeQuery) {
    this.#engine = engine
    this.#reader = new SseReader({
      engine,
      onData: (data) => this.#take(data),
      // A server that does not stream answers with all of it.
      onWhole: (text) => {
        this.#out.push(...transcriptEvents(engine, query, parseEngineJson(text)))
        this.#ended = true
      },
    })
  }

  get ended(): boolean {
    return this.#ended
  }

  push(chunk: Buffer, out: QueryEvent[]): void {
    this.#out = out
    this.#reader.push(chunk)
  }

  flush(out: QueryEvent[]): void {
    this.#out = out
    this.#reader.flush()
  }

  #take(data: string): void {
    if (this.#ended) return
    if (data === END_MARK) {
      this.#end()
      return
    }
    const event = eventObject(this.#engine, data)
    if (event['error'] !== undefined) throw streamedError(this.#engine, event)
    if (asObject(event['usage']) !== undefined) this.#last = event
    if (event['type'] === 'transcript.text.done') {
      if (!this.#begun) this.#say(asString(event['text']))
      this.#last = event
      this.#end()
    } else this.#say(pieceOf(event))
  }

  #say(piece: string | undefined): void {
    const text = this.#begun ? piece : piece?.trimStart()
    if (text === undefined || text === '') return
    this.#begun = true
    this.#out.push({ kind: 'text', text })
  }

  #end(): void {
    this.#ended = true
    this.#out.push(heardEnd(this.#last))
  }
}

/** The text of one event: of OpenAI's, of a chunk of a chat, or of the older server's bare objects. */
function pieceOf(event: JsonObject): string | undefined {
  const [choice] = objectsOf(event['choices'])
  return asString(event['delta']) ?? asString(asObject(choice?.['delta'])?.['content']) ?? asString(event['text'])
}
