/** From an open HTTP reply to query events: the loop that all streaming engines share. What differs is the decoder. */

import {
  type EndEvent,
  type QueryEvent,
  type ReasoningEvent,
  type TextEvent,
  textPiece,
} from '../../core/query/query-event.ts'
import type { SamplingValues } from '../../core/query/receipt.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { abortError } from './http-errors.ts'
import type { HttpExchange } from './http-exchange.ts'
import { pollPause } from './poll-pause.ts'

/** Between two questions to an engine that loads its model. */
const LOADING_PAUSE_MS = 500

/** An engine that loads and says nothing for so long does not load any more. */
export const LOADING_SILENCE_MS = 30_000

/** Turns bytes into events. It may throw; the events that it put out before are still delivered. */
export interface AnswerDecoder {
  /** Whether the engine's end mark was read; the last event put out is then `end`. */
  readonly ended: boolean
  /** Takes what arrived and appends the events that are complete. */
  push(chunk: Buffer, out: QueryEvent[]): void
  /** The reply is over: takes what is left. */
  flush(out: QueryEvent[]): void
}

export interface AnswerStreamOptions {
  readonly engine: string
  readonly signal: CancelSignal
  /** Called when the answer is left before the engine's end mark, whatever the reason. */
  readonly onLeft?: () => void
  /** The sampling as it was sent, for the receipt; asked at the end. */
  readonly sent?: () => SamplingValues | undefined
}

/** Sends the query; with `headWithinMs` the reply's head must be there in that time. */
export type OpenAnswer = (options: { readonly headWithinMs?: number | undefined }) => Promise<HttpExchange>

/**
 * Sends a query by `open` and yields what the decoder makes of the reply. While the engine says that it loads its
 * model, progress is told and the query is sent again. Ends after `end`; throws `ENGINE_FAILED` when the reply stops
 * before it.
 */
export async function* answerStream(
  open: OpenAnswer,
  decoder: AnswerDecoder,
  { engine, signal, onLeft, sent }: AnswerStreamOptions,
): AsyncGenerator<QueryEvent> {
  let exchange: HttpExchange | undefined
  try {
    exchange = yield* loaded(open, { engine, signal })
    for (;;) {
      const chunk = await exchange.read()
      const events: QueryEvent[] = []
      const failure = decode(decoder, chunk, events)
      for (const event of joined(events)) {
        if (signal.aborted) throw abortError(signal)
        yield event.kind === 'end' ? withSampling(event, sent?.()) : event
      }
      if (failure !== undefined) throw failure
      if (decoder.ended) return
      if (chunk === undefined) {
        throw new RealmeshError('ENGINE_FAILED', `${engine} stopped in the middle of its answer`)
      }
    }
  } finally {
    if (decoder.ended) exchange?.finish()
    else {
      exchange?.cancel()
      onLeft?.()
    }
  }
}

function withSampling(end: EndEvent, sent: SamplingValues | undefined): EndEvent {
  return sent === undefined ? end : { by: { sent }, ...end }
}

/**
 * The reply of an engine that has its model in memory: while it says that it loads, progress is told and the query is
 * sent again.
 */
export async function* loaded(
  open: OpenAnswer,
  { engine, signal }: Pick<AnswerStreamOptions, 'engine' | 'signal'>,
): AsyncGenerator<QueryEvent, HttpExchange> {
  for (let headWithinMs: number | undefined; ; headWithinMs = LOADING_SILENCE_MS) {
    try {
      return await open({ headWithinMs })
    } catch (error) {
      if (signal.aborted || !(error instanceof RealmeshError) || error.code !== 'ENGINE_LOADING') throw error
    }
    yield { kind: 'progress', fraction: 0, note: `${engine} loads the model` }
    await pollPause(LOADING_PAUSE_MS, signal)
  }
}

/**
 * Pieces of text that arrived together go on as one: what an event costs on its way to the client, it costs once. Most
 * reads bring one piece, and then nothing changes.
 */
function joined(events: QueryEvent[]): readonly QueryEvent[] {
  if (events.length < 2) return events
  const out: QueryEvent[] = []
  for (const event of events) {
    const last = out.at(-1)
    if (isPlain(event) && last?.kind === event.kind && isPlain(last)) {
      out[out.length - 1] = textPiece(event.kind, last.text + event.text, (last.tokens ?? 1) + (event.tokens ?? 1))
    } else out.push(event)
  }
  return out
}

/** A piece that says no more than its text and its tokens. */
function isPlain(event: QueryEvent): event is TextEvent | ReasoningEvent {
  return event.kind === 'reasoning' || (event.kind === 'text' && event.logprobs === undefined)
}

function decode(decoder: AnswerDecoder, chunk: Buffer | undefined, events: QueryEvent[]): unknown {
  try {
    if (chunk === undefined) decoder.flush(events)
    else decoder.push(chunk, events)
    return undefined
  } catch (error) {
    return error
  }
}
