import assert from 'node:assert/strict'
import { MAX_TOP_LOGPROBS, type TokenLogprob } from '../../../../../core/query/logprobs.ts'
import type { Query } from '../../../../../core/query/query.ts'
import { AnswerMeter } from '../../../../../protocols/query/asking/answer-meter.ts'
import {
  ANSWER_EVENT_BURST,
  ANSWER_EVENTS_PER_SECOND,
  MAX_ANSWER_EVENTS,
  MAX_BLOB_BYTES,
  MAX_SPOKEN_BYTES,
  MAX_TEXT_ANSWER_BYTES,
  MAX_VECTOR_BYTES,
} from '../../../../../protocols/query/constants.ts'
import { encodeAnswer } from '../../../../../protocols/query/frames/answer-codec.ts'
import { wireEvents } from '../../../../../protocols/query/frames/event-encoder.ts'
import { chatQuery } from '../../../../support/query.ts'

const DRAGON = [...Buffer.from(' dragon')]

/** A whole context of a large model. */
const LONGEST_TOKENS = 131_072

const { body: _, type: __, ...envelope } = chatQuery()

function meterOf(query: Query = chatQuery()) {
  const time = { now: 1_000 }
  return { time, meter: new AnswerMeter({ now: () => time.now }, { query }) }
}

/** How many bytes an answer may have. */
function mostOf(query: Query): number {
  const { meter } = meterOf(query)
  const step = new Uint8Array(64 * 1_024)
  for (let bytes = 0; ; bytes += step.byteLength) {
    try {
      meter.frame(step)
    } catch {
      return bytes
    }
  }
}

describe('the meter of an answer', () => {
  it('lets an answer have the bytes that its query may need', () => {
    assert.equal(mostOf(chatQuery()), MAX_TEXT_ANSWER_BYTES)
    const around = mostOf({ ...envelope, type: 'embed', body: { inputs: [] } })
    assert.equal(mostOf({ ...envelope, type: 'embed', body: { inputs: ['a', 'b'] } }), around + 2 * MAX_VECTOR_BYTES)
    assert.equal(mostOf({ ...envelope, type: 'imagine', body: { prompt: 'x' } }), around + MAX_BLOB_BYTES)
    const many = mostOf({ ...envelope, type: 'imagine', body: { prompt: 'x', count: 64 } })
    assert.equal(many, around + 4 * MAX_BLOB_BYTES)
    assert.equal(mostOf({ ...envelope, type: 'rerank', body: { query: 'q', documents: ['a'] } }), around)
    assert.equal(mostOf({ ...envelope, type: 'tokens', body: { text: 'x' } }), around)
    const recording = { audio: Uint8Array.of(1), mediaType: 'audio/wav', task: 'transcribe' } as const
    assert.equal(mostOf({ ...envelope, type: 'transcribe', body: recording }), 2 * MAX_TEXT_ANSWER_BYTES)
    assert.equal(mostOf({ ...envelope, type: 'speak', body: { text: 'x', format: 'mp3' } }), around + MAX_SPOKEN_BYTES)
  })

  it('lets an answer have more where the probabilities of its tokens were asked for', () => {
    const asked = chatQuery({ body: { messages: [], logprobs: MAX_TOP_LOGPROBS } })
    const top = Array.from({ length: MAX_TOP_LOGPROBS }, () => ({ token: ' dragon', logprob: -1.5, bytes: DRAGON }))
    const token: TokenLogprob = { token: ' dragon', logprob: -0.5, bytes: DRAGON, top }
    const wires = [...wireEvents({ kind: 'text', text: ' dragon', logprobs: [token] })].map(({ wire }) => wire)
    const { byteLength } = encodeAnswer({ number: 1, events: wires })
    assert.ok(mostOf(asked) >= LONGEST_TOKENS * byteLength, `${byteLength} bytes a token`)
  })

  it('takes an answer of more for a breach', () => {
    const { meter } = meterOf()
    meter.frame(new Uint8Array(MAX_TEXT_ANSWER_BYTES))
    assert.throws(() => meter.frame(Uint8Array.of(1)), { code: 'PROTOCOL_ERROR', message: /more than 16777216 bytes/ })
  })

  it('takes events without end for a breach, frames without any included', () => {
    const { meter } = meterOf()
    meter.events(MAX_ANSWER_EVENTS - 1)
    meter.events(0)
    assert.throws(() => meter.events(0), { code: 'PROTOCOL_ERROR', message: /more than 262144 events/ })
  })

  it('lets a burst by, and then the rate', () => {
    const { meter, time } = meterOf()
    meter.events(ANSWER_EVENT_BURST)
    assert.equal(meter.restMs, 0)
    meter.events(ANSWER_EVENTS_PER_SECOND / 10)
    assert.equal(meter.restMs, 100)
    time.now += 100
    assert.equal(meter.restMs, 0)
    meter.events(1)
    assert.equal(meter.restMs, 1)
  })

  it('blames no peer for what gathered while the reader was slow', () => {
    const { meter, time } = meterOf()
    time.now += 10_000
    meter.events(10 * ANSWER_EVENTS_PER_SECOND)
    assert.equal(meter.restMs, 0)
  })
})
