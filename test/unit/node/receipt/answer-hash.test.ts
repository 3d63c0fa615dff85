import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { AnswerHash, MAX_HASHED_PIECES } from '../../../../node/receipt/answer-hash.ts'
import { TEXT_PIECE_LENGTH } from '../../../../protocols/query/constants.ts'
import { EventDecoder } from '../../../../protocols/query/frames/event-decoder.ts'
import { wireEvents } from '../../../../protocols/query/frames/event-encoder.ts'
import { anyEvent } from '../../../support/query-events.ts'

/** As many characters as are kept before they are folded into a running hash. */
const CHUNK = 64 * 1024

const words = fc.constantFrom('', 'a', ' dragon', 'x'.repeat(2 * TEXT_PIECE_LENGTH + 1))

function hashOf(...texts: readonly string[]): string {
  const hash = new AnswerHash()
  for (const text of texts) hash.add({ kind: 'text', text })
  return hash.digest().answerHash
}

describe('AnswerHash', () => {
  it('is that of the whole text, wherever it is cut, within a character of two units too', () => {
    const text = `${'x'.repeat(CHUNK - 1)}😀${'y'.repeat(CHUNK)}`
    const whole = createHash('sha256').update(text).digest('hex')
    for (const at of [1, CHUNK - 1, CHUNK, CHUNK + 1]) {
      assert.equal(hashOf(text.slice(0, at), text.slice(at)), whole)
    }
  })

  it('hashes each 64 tokens by themselves, where an event ends, the last ones too', () => {
    const hash = new AnswerHash()
    const add = (text: string, tokens: number): void => hash.add({ kind: 'text', text, tokens })
    for (let i = 0; i < 63; i += 1) add('a', 1)
    add('b'.repeat(10), 10) // the event in which the 64th token is
    add('long', 0) // counted with what was before
    add('c', 64)
    add('', 50)
    hash.add({ kind: 'toolCall', index: 0, arguments: '{}' })
    hash.add({ kind: 'reasoning', text: 'd' })
    assert.equal(
      hash.digest().pieceHashes,
      [`${'a'.repeat(63)}bbbbbbbbbblong`, 'c{}', 'd'].map((text) => hashOf(text).slice(0, 16)).join(''),
    )
  })

  it('is the same at both ends of the wire, whatever the engine counts, for text that it keeps to itself too', () => {
    const piece = fc.record({ kind: fc.constantFrom('text', 'reasoning'), text: words, tokens: fc.nat(70) })
    fc.assert(
      fc.property(fc.array(piece as fc.Arbitrary<QueryEvent>, { maxLength: 40 }), (events) => {
        const [here, there] = [new AnswerHash(), new AnswerHash()]
        const decoder = new EventDecoder()
        for (const event of events) {
          here.add(event)
          for (const { wire } of wireEvents(event)) {
            const arrived = decoder.decode(wire)
            if (arrived !== undefined) there.add(arrived)
          }
        }
        assert.deepEqual(there.digest(), here.digest())
      }),
    )
  })

  it('hashes a piece of any size whole, and no more pieces than its bound', () => {
    const large = new AnswerHash()
    for (const text of ['x'.repeat(CHUNK), 'y'.repeat(CHUNK)]) large.add({ kind: 'text', text })
    assert.equal(large.digest().pieceHashes, hashOf('x'.repeat(CHUNK), 'y'.repeat(CHUNK)).slice(0, 16))
    const long = new AnswerHash()
    for (let i = 0; i < 64 * (MAX_HASHED_PIECES + 2); i += 1) long.add({ kind: 'text', text: 'é' })
    const { pieceHashes, textBytes } = long.digest()
    assert.equal(pieceHashes.length, MAX_HASHED_PIECES * 16)
    assert.equal(textBytes, 2 * 64 * (MAX_HASHED_PIECES + 2))
  })

  it('is the same at both ends of the wire for every kind of answer', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
        const [here, there] = [new AnswerHash(), new AnswerHash()]
        const decoder = new EventDecoder()
        for (const event of events) {
          here.add(event)
          for (const { wire } of wireEvents(event)) {
            const arrived = decoder.decode(wire)
            if (arrived !== undefined) there.add(arrived)
          }
        }
        assert.equal(there.digest().answerHash, here.digest().answerHash)
      }),
    )
  })

  const SAYINGS: Readonly<Record<string, readonly QueryEvent[]>> = {
    tokens: [
      { kind: 'tokens', count: 2 },
      { kind: 'tokens', count: 2, ids: [1, 2] },
      { kind: 'tokens', count: 2, ids: [2, 1] },
      { kind: 'tokens', count: 2, ids: [1, 2], pieces: [Uint8Array.of(7), Uint8Array.of(8, 9)] },
      { kind: 'tokens', count: 2, ids: [1, 2], pieces: [Uint8Array.of(7, 8), Uint8Array.of(9)] },
    ],
    segments: [
      { kind: 'segment', start: 0, end: 1, text: 'a' },
      { kind: 'segment', start: 0, end: 2, text: 'a' },
      { kind: 'segment', start: 0, end: 1, text: 'b' },
      { kind: 'segment', start: 0, end: 1, text: 'a', speaker: 'x' },
      { kind: 'segment', start: 0, end: 1, text: 'a', words: [{ word: 'a', start: 0, end: 1 }] },
      { kind: 'segment', start: 0, end: 1, text: 'a', words: [{ word: 'a', start: 0.5, end: 1 }] },
    ],
    'calls of tools': [
      { kind: 'toolCall', index: 0, name: 'read', arguments: '{}' },
      { kind: 'toolCall', index: 0, name: 'erase', arguments: '{}' },
    ],
  }
  for (const [what, events] of Object.entries(SAYINGS)) {
    it(`tells ${what} apart that say something else`, () => {
      const hashes = events.map((event) => {
        const hash = new AnswerHash()
        hash.add(event)
        return hash.digest().answerHash
      })
      assert.equal(new Set(hashes).size, events.length)
    })
  }

  it('is that of the bytes of a picture', () => {
    const data = Uint8Array.of(1, 2, 3)
    const hash = new AnswerHash()
    hash.add({ kind: 'image', index: 0, mediaType: 'image/png', data })
    assert.equal(hash.digest().answerHash, createHash('sha256').update(data).digest('hex'))
  })
})
