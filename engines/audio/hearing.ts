/** A recording sent to an engine as a form, and its answer as events: the way of all engines that hear. */
import type { TranscribeQuery } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { answerStream, loaded, type OpenAnswer } from '../http/answer-stream.ts'
import type { HttpClient } from '../http/http-client.ts'
import { audioForm, type FormFields } from './audio-form.ts'
import { transcriptEvents } from './transcript.ts'
import { TranscriptDecoder } from './transcript-decoder.ts'

/** How one engine takes a recording. */
export interface HearingWay {
  readonly path: string
  readonly fields: FormFields
  /** Whether the engine tells the text while it listens, where that is all that is asked. */
  readonly streams: boolean
}

/** Sends the recording and yields what the engine heard; throws as engines do. */
export async function* hear(
  http: HttpClient,
  query: TranscribeQuery,
  { path, fields, streams }: HearingWay,
  signal: CancelSignal,
): AsyncGenerator<QueryEvent> {
  const engine = http.engine
  const form = await audioForm(fields, query.body)
  const open: OpenAnswer = ({ headWithinMs }) =>
    http.open({ path, ...form, repeatable: true }, { signal, headWithinMs })
  if (streams) {
    yield* answerStream(open, new TranscriptDecoder(engine, query), { engine, signal })
    return
  }
  const exchange = yield* loaded(open, { engine, signal })
  try {
    yield* transcriptEvents(engine, query, await http.jsonOf(exchange))
  } finally {
    exchange.cancel()
  }
}
