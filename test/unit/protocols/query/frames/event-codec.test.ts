import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { QueryEvent } from '../../../../../core/query/query-event.ts'
import { MAX_TOLD_TOKENS } from '../../../../../core/query/query-limits.ts'
import {
  MAX_FRAME_BYTES,
  MAX_INDEX,
  MAX_PREVIEW_BYTES,
  TEXT_PIECE_LENGTH,
} from '../../../../../protocols/query/constants.ts'
import { decodeAnswer, encodeAnswer } from '../../../../../protocols/query/frames/answer-codec.ts'
import { EventDecoder } from '../../../../../protocols/query/frames/event-decoder.ts'
import { wireEvents } from '../../../../../protocols/query/frames/event-encoder.ts'
import { FrameSplitter } from '../../../../../protocols/query/frames/framing.ts'
import { EVENT_ARBITRARIES } from '../../../../support/query-events.ts'

/** What arrives when an event is sent, each part in a frame of its own. */
function sent(event: QueryEvent): QueryEvent[] {
  const decoder = new EventDecoder()
  const splitter = new FrameSplitter()
  const arrived: QueryEvent[] = []
  for (const { wire } of wireEvents(event)) {
    splitter.push(encodeAnswer({ number: 1, events: [wire] }), (frame) => {
      for (const received of decodeAnswer(frame).events) {
        const decoded = decoder.decode(received)
        if (decoded !== undefined) arrived.push(decoded)
      }
    })
  }
  return arrived
}

describe('events on the wire', () => {
  for (const [kind, arbitrary] of Object.entries(EVENT_ARBITRARIES)) {
    it(`${kind}: every one arrives as it was sent`, () => {
      fc.assert(
        fc.property(arbitrary, (event) => {
          assert.deepEqual(sent(event), [event])
        }),
        { numRuns: 500 },
      )
    })

    it(`${kind}: the announced size is never below the true one`, () => {
      fc.assert(
        fc.property(arbitrary, (event) => {
          for (const { wire, bytes } of wireEvents(event)) {
            const alone = encodeAnswer({ number: 1, events: [wire] }).byteLength
            assert.ok(alone - encodeAnswer({ number: 1 }).byteLength <= bytes + 4, `${alone} > ${bytes}`)
          }
        }),
        { numRuns: 200 },
      )
    })
  }

  it('probabilities arrive with their text, however many they are, and no frame grows', () => {
    const alternative = { token: 'ä'.repeat(128), logprob: -3.5, bytes: Array<number>(128).fill(255) }
    const token = { token: 'Hi', logprob: -0.25, top: Array(20).fill(alternative) }
    const event = { kind: 'text', text: 'Hi'.repeat(10), tokens: 10, logprobs: Array(10).fill(token) } as const
    const pieces = sent(event).map((piece) => (piece.kind === 'text' ? piece : undefined))
    assert.deepEqual(
      pieces.flatMap((piece) => piece?.logprobs ?? []),
      event.logprobs,
    )
    assert.deepEqual([pieces.map((piece) => piece?.text).join(''), pieces[1]?.tokens], [event.text, 0])
    for (const { wire, bytes } of wireEvents(event)) {
      const alone = encodeAnswer({ number: 1, events: [wire] }).byteLength
      assert.ok(alone <= bytes && bytes < MAX_FRAME_BYTES, `${alone} of ${bytes}`)
    }
  })

  it('a peer tells of no more tokens than belong to an event', () => {
    const chosen = { token: 'x', logprob: 1 }
    const frame = (count: number, top: number) => {
      const tokens = Array(count).fill({ chosen, top: Array(top).fill(chosen) })
      const bytes = encodeAnswer({ number: 1, events: [{ text: 'x', logprobs: { tokens } }] })
      return bytes.subarray(bytes.length > 128 ? 2 : 1)
    }
    const [event] = decodeAnswer(frame(1, 1)).events
    assert.ok(event !== undefined)
    const told = new EventDecoder().decode(event)
    assert.equal(told?.kind === 'text' && told.logprobs?.[0]?.logprob, 0)
    assert.throws(() => decodeAnswer(frame(5, 0)), { code: 'PROTOCOL_ERROR' })
    assert.throws(() => decodeAnswer(frame(1, 21)), { code: 'PROTOCOL_ERROR' })
  })

  it('a long text arrives whole, in pieces that never split a character', () => {
    for (const text of ['x'.repeat(100_000), '🦙'.repeat(50_000), `a${'🦙'.repeat(50_000)}`, 'ä€'.repeat(40_000)]) {
      for (const kind of ['text', 'reasoning'] as const) {
        const pieces = sent({ kind, text })
        const parts = pieces.map((piece) => (piece.kind === kind ? piece.text : ''))
        assert.equal(parts.join(''), text)
        assert.ok(parts.length > 1)
        for (const part of parts) {
          assert.ok(part.length <= TEXT_PIECE_LENGTH)
          assert.ok(part.isWellFormed())
        }
      }
    }
  })

  it('a tool call with long arguments carries id and name once', () => {
    const args = JSON.stringify({ text: '€'.repeat(60_000) })
    const pieces = sent({ kind: 'toolCall', index: 2, id: 'call', name: 'save', arguments: args })
    assert.deepEqual(pieces[0], { ...pieces[0], id: 'call', name: 'save', index: 2 })
    for (const piece of pieces.slice(1))
      assert.ok(piece.kind === 'toolCall' && piece.id === undefined && piece.index === 2)
    assert.equal(pieces.map((piece) => (piece.kind === 'toolCall' ? piece.arguments : '')).join(''), args)
  })

  it('no frame of one part comes near the bound', () => {
    const events: QueryEvent[] = [
      { kind: 'text', text: '€'.repeat(100_000) },
      { kind: 'toolCall', index: 0, id: '€'.repeat(9_999), name: '€'.repeat(9_999), arguments: '€'.repeat(99_999) },
      { kind: 'image', index: 0, mediaType: 'image/png', data: new Uint8Array(1_000_000) },
      { kind: 'audio', mediaType: 'audio/mpeg', data: new Uint8Array(1_000_000) },
      { kind: 'tokens', count: 9_999, ids: Array(9_999).fill(4e9), pieces: Array(9_999).fill(new Uint8Array(500)) },
      {
        ...{ kind: 'segment', start: 0, end: 1, text: '€'.repeat(100_000) },
        words: Array(5_000).fill({ word: '€'.repeat(999), start: 0, end: 1 }),
      },
      { kind: 'end', finishReason: 'stop', sources: Array.from({ length: 500 }, () => '€'.repeat(9_999)) },
    ]
    for (const event of events) {
      for (const { wire, bytes } of wireEvents(event)) {
        assert.ok(bytes < MAX_FRAME_BYTES / 2)
        assert.ok(encodeAnswer({ number: 1, events: [wire] }).byteLength < MAX_FRAME_BYTES / 2)
      }
    }
  })

  it('a picture of more than the bound is refused before it is put together', () => {
    const decoder = new EventDecoder()
    const piece = new Uint8Array(1_000_000)
    assert.throws(
      () => {
        for (let i = 0; i < 40; i += 1) decoder.decode({ piece })
      },
      { code: 'PROTOCOL_ERROR' },
    )
  })

  it('claims of a peer are brought into range', () => {
    const decoder = new EventDecoder()
    const fraction = (value: number): unknown => {
      const event = decoder.decode({ progress: { fraction: value } })
      return event?.kind === 'progress' ? event.fraction : undefined
    }
    assert.deepEqual([Number.NaN, -3, 7, Number.POSITIVE_INFINITY].map(fraction), [0, 0, 1, 1])
    assert.deepEqual(
      decoder.decode({ start: { node: 'n\r\nx-evil: 1', worker: '', engine: 'e'.repeat(999), model: '\u202em' } }),
      { kind: 'start', node: 'n x-evil: 1', worker: '', engine: 'e'.repeat(256), model: 'm' },
    )
  })

  it('an event that says nothing is dropped, and its tokens count with the next, within reason', () => {
    const decoder = new EventDecoder()
    const nothing = { text: '', tokens: 4_000_000_000 }
    for (let i = 0; i < 3; i += 1) assert.equal(decoder.decode(nothing), undefined)
    assert.equal(decoder.decode({ reasoning: '' }), undefined)
    assert.equal(decoder.decode({ toolCall: { index: 0, arguments: '' } }), undefined)
    assert.deepEqual(decoder.decode({ text: 'x' }), { kind: 'text', text: 'x', tokens: 65 })
    assert.deepEqual(decoder.decode({ text: 'y' }), { kind: 'text', text: 'y' })
    assert.equal(decoder.decode({ text: '', tokens: 2 }), undefined)
    assert.deepEqual(decoder.decode({ text: 'z' }), { kind: 'text', text: 'z', tokens: 3 })
  })

  it('a part whose number no table should have is refused', () => {
    const index = MAX_INDEX
    for (const wire of [
      { toolCall: { index, arguments: 'x' } },
      { image: { index, mediaType: 'image/png' } },
      { embedding: { index } },
      { ranked: { index, score: 1 } },
    ]) {
      const decoder = new EventDecoder()
      decoder.decode({ piece: new Uint8Array(4) })
      assert.throws(() => decoder.decode(wire), { code: 'PROTOCOL_ERROR', message: /the number/ })
    }
  })

  it('a picture that a client could open as a page, or that is none, is refused; such a preview is left out', () => {
    for (const [mediaType, piece] of [
      ['text/html', Uint8Array.of(1)],
      ['image/svg+xml', Uint8Array.of(1)],
      ['image/png;base64,x', Uint8Array.of(1)],
      ['image/png', new Uint8Array(0)],
    ] as const) {
      const decoder = new EventDecoder()
      decoder.decode({ piece })
      const preview = { progress: { fraction: 0.5, previewMediaType: mediaType } }
      assert.deepEqual(decoder.decode(preview), { kind: 'progress', fraction: 0.5 })
      decoder.decode({ piece })
      assert.throws(() => decoder.decode({ image: { index: 0, mediaType } }), { code: 'PROTOCOL_ERROR' }, mediaType)
    }
  })

  it('a score that is none, and speech that is none, are refused; speech without a byte says nothing', () => {
    for (const score of [Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => new EventDecoder().decode({ ranked: { index: 0, score } }), { code: 'PROTOCOL_ERROR' })
    }
    const decoder = new EventDecoder()
    assert.equal(decoder.decode({ audio: { mediaType: 'audio/mpeg' } }), undefined)
    for (const mediaType of ['text/html', 'audio/mpeg\r\nx: 1', 'audio/', 'image/png']) {
      decoder.decode({ piece: Uint8Array.of(1) })
      assert.throws(() => decoder.decode({ audio: { mediaType } }), { code: 'PROTOCOL_ERROR' }, mediaType)
    }
  })

  it('of more tokens than any context holds only the count is told, and a list without end is refused', () => {
    const ids = Array<number>(MAX_TOLD_TOKENS).fill(7)
    assert.deepEqual(sent({ kind: 'tokens', count: ids.length, ids }), [{ kind: 'tokens', count: ids.length, ids }])
    const count = ids.length + 1
    assert.deepEqual(sent({ kind: 'tokens', count, ids: [...ids, 7] }), [{ kind: 'tokens', count }])
    const decoder = new EventDecoder()
    const part = { count: 1, ids: ids.slice(0, 256), pieces: [], estimated: false }
    assert.throws(
      () => {
        for (;;) decoder.decode({ tokenList: { ...part, more: true, hasIds: true, hasPieces: false } })
      },
      { code: 'PROTOCOL_ERROR' },
    )
  })

  it('a segment of a whole hour arrives, its times are brought into order, and one without end is refused', () => {
    const words = Array.from({ length: 10_000 }, (_, i) => ({ word: 'wört', start: i, end: i + 1 }))
    const hour = { kind: 'segment', start: 0, end: 3_600, text: 'wört '.repeat(10_000), words } as const
    assert.deepEqual(sent(hour), [hour])
    const said = { words: [], more: false, hasWords: false }
    const decoder = new EventDecoder()
    const [start, end, text] = [7, Number.NaN, 'a']
    assert.deepEqual(decoder.decode({ segment: { ...said, start, end, text } }), {
      ...{ kind: 'segment' },
      ...{ start, end: 7, text },
    })
    assert.throws(
      () => {
        for (;;) decoder.decode({ segment: { ...said, start, end, text: 'x'.repeat(9_999), more: true } })
      },
      { code: 'PROTOCOL_ERROR' },
    )
  })

  it('a vector of no numbers is refused', () => {
    for (const vector of [[], [1, Number.NaN], [Number.POSITIVE_INFINITY]]) {
      const decoder = new EventDecoder()
      decoder.decode({ piece: new Uint8Array(Float32Array.from(vector).buffer) })
      assert.throws(() => decoder.decode({ embedding: { index: 0 } }), { code: 'PROTOCOL_ERROR' })
    }
  })

  it('a preview that is larger than any is left out', () => {
    const decoder = new EventDecoder()
    const progress = { fraction: 0.5, previewMediaType: 'image/png' }
    decoder.decode({ piece: new Uint8Array(MAX_PREVIEW_BYTES + 1) })
    assert.deepEqual(decoder.decode({ progress }), { kind: 'progress', fraction: 0.5 })
    decoder.decode({ piece: Uint8Array.of(1) })
    const preview = { mediaType: 'image/png', data: Uint8Array.of(1) }
    assert.deepEqual(decoder.decode({ progress }), { kind: 'progress', fraction: 0.5, preview })
  })

  it('a kind of a later version is passed over', () => {
    assert.equal(new EventDecoder().decode({}), undefined)
  })

  it('a surrogate pair that an engine cut in two is whole again when joined', () => {
    const halves = [...sent({ kind: 'text', text: 'a\ud83d' }), ...sent({ kind: 'text', text: '\ude00b' })]
    assert.equal(halves.map((half) => (half.kind === 'text' ? half.text : '')).join(''), 'a😀b')
  })

  it('the route receipt stays at home', () => {
    const receipt = { id: 'q' } as never
    assert.deepEqual(sent({ kind: 'end', finishReason: 'stop', receipt }), [{ kind: 'end', finishReason: 'stop' }])
  })
})
