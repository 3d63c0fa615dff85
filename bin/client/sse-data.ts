/** The `data:` lines of an event stream, as they come. */
import { createParser } from 'eventsource-parser'

/** Each event's data. Leaving the loop early closes the stream. */
export async function* sseData(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const waiting: string[] = []
  const parser = createParser({ onEvent: (event) => waiting.push(event.data) })
  for await (const chunk of stream) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    yield* waiting.splice(0)
  }
}
