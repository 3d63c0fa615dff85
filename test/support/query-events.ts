/** Arbitrary events, as engines may yield them. */
import fc from 'fast-check'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { MAX_INDEX } from '../../protocols/query/constants.ts'

/** Text of any characters that UTF-8 knows, joined emoji and right-to-left included. */
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 64 })
/** Names as they come out on the other side: without control characters or outer blanks. */
const label = fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((value) => value.trim())
const count = fc.nat(1_000_000)
const index = fc.nat(MAX_INDEX - 1)
const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 })
/** Pictures as adapters tell them, by their first bytes. */
const pictureType = fc.constantFrom('image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif', 'image/tiff')
const vector = fc.float32Array({ minLength: 1, maxLength: 40, noNaN: true, noDefaultInfinity: true })
const maybe = <T>(key: string, value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.option(value, { nil: undefined }).map((found) => (found === undefined ? {} : { [key]: found }))

const merged = (...parts: readonly fc.Arbitrary<object>[]): fc.Arbitrary<QueryEvent> =>
  fc.tuple(...parts).map((fields) => Object.assign({}, ...fields) as QueryEvent)
const record = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> =>
  fc.record(fields, { noNullPrototype: true })

/** Settings under the names that engines have. */
const settings = fc.dictionary(
  fc.constantFrom('temperature', 'top_k', 'repeat_penalty', 'samplers', 'speculative.types', 'ignore_eos'),
  fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
    fc.boolean(),
    label,
  ),
  { noNullPrototype: true },
)

/** A number as the wire tells it, which knows one zero. */
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)

/** Seconds from one time to a later one. */
const span = fc.tuple(fc.nat(100_000), fc.nat(100_000)).map(([start, length]) => ({ start, end: start + length / 8 }))

const by = merged(
  maybe('digest', label),
  maybe('template', label),
  maybe('quantization', label),
  maybe('sent', settings),
  maybe('defaults', settings),
)

const served = merged(
  record({ version: fc.integer({ min: 1, max: 9 }), node: label, worker: label, engine: label, model: label, by }),
  record({ answerHash: label, pieceHashes: label, promptTokens: count, completionTokens: count, waitedMs: count }),
  maybe('firstMs', count),
  maybe('decodeRate', fc.double({ min: 0, max: 1_000, noNaN: true }).map(Math.abs)),
  maybe(
    'signature',
    fc.uint8Array({ maxLength: 320 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  ),
)

/** One arbitrary per kind, so that a test can tell which kind it is about. */
export const EVENT_ARBITRARIES: Readonly<Record<QueryEvent['kind'], fc.Arbitrary<QueryEvent>>> = {
  queued: merged(record({ kind: fc.constant('queued'), position: count, estimatedWaitMs: count })),
  start: merged(record({ kind: fc.constant('start'), node: label, worker: label, engine: label, model: label })),
  text: merged(record({ kind: fc.constant('text'), text })),
  reasoning: merged(record({ kind: fc.constant('reasoning'), text })),
  toolCall: merged(
    record({ kind: fc.constant('toolCall'), index, arguments: text }),
    maybe('id', label),
    maybe('name', label),
  ),
  image: merged(
    record({ kind: fc.constant('image'), index, mediaType: pictureType, data: bytes }),
    maybe('seed', fc.maxSafeNat()),
  ),
  embedding: merged(record({ kind: fc.constant('embedding'), index, vector })),
  ranked: merged(record({ kind: fc.constant('ranked'), index, score: number })),
  tokens: merged(
    record({ kind: fc.constant('tokens'), count }),
    maybe('ids', fc.array(fc.nat(0xffff_ffff), { maxLength: 600 })),
    maybe('pieces', fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 600 })),
    maybe('estimated', fc.constant(true)),
  ),
  segment: merged(
    record({ kind: fc.constant('segment'), text: fc.string({ unit: 'binary', maxLength: 9_000 }) }),
    span,
    maybe('words', fc.array(merged(record({ word: text }), span), { maxLength: 150 })),
    maybe('speaker', label),
  ),
  audio: merged(
    record({
      kind: fc.constant('audio'),
      mediaType: fc.constantFrom('audio/mpeg', 'audio/wav', 'audio/pcm;rate=24000', 'audio/L16; rate=16000'),
      data: bytes,
    }),
  ),
  progress: merged(
    record({ kind: fc.constant('progress'), fraction: fc.float({ min: 0, max: 1, noNaN: true }).map(Math.abs) }),
    maybe('note', label),
    maybe('preview', record({ mediaType: pictureType, data: bytes })),
  ),
  end: merged(
    record({
      kind: fc.constant('end'),
      finishReason: fc.constantFrom('stop', 'length', 'tool_calls', 'content_filter'),
    }),
    maybe('usage', record({ promptTokens: count, completionTokens: count })),
    maybe('timings', merged(maybe('loadMs', count), maybe('decodeTokensPerSecond', count))),
    maybe('sources', fc.array(label, { minLength: 1, maxLength: 5 })),
    maybe('served', served),
    maybe('heard', merged(maybe('language', label), maybe('seconds', count))),
  ),
}

/** Any event. */
export const anyEvent = fc.oneof(...Object.values(EVENT_ARBITRARIES))
