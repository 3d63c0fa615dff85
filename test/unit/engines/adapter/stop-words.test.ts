import assert from 'node:assert/strict'
import type { EndEvent, QueryEvent } from '../../../../core/query/query-event.ts'
import { untilStopWord } from '../../../../engines/adapter/stop-words.ts'
import { collect, textOf } from '../../../support/collect.ts'

const END: EndEvent = { kind: 'end', finishReason: 'stop', usage: { promptTokens: 3, completionTokens: 5 } }

async function* said(pieces: readonly string[], end: EndEvent = END): AsyncGenerator<QueryEvent> {
  for (const text of pieces) yield { kind: 'text', text }
  yield end
}

describe('an answer that stops before a word', () => {
  for (const [what, pieces, expected] of [
    ['the engine wrote it', ['The story', ' of a', ' dragon'], 'The story of a '],
    ['it came in pieces', ['a dr', 'ag', 'on'], 'a '],
    ['it came in the middle of a piece', ['the dragons sleep'], 'the '],
    ['the first of two counts', ['one END dragon'], 'one '],
    ['it never came', ['a dr', 'um'], 'a drum'],
    ['only its beginning came', ['a ', 'drago'], 'a drago'],
    ['the engine left it out itself', ['The story of a '], 'The story of a '],
  ] as const) {
    it(`is whole and ends once where ${what}`, async () => {
      const events = await collect(untilStopWord(said(pieces), ['dragon', 'END']))
      assert.equal(textOf(events), expected)
      assert.deepEqual(events.at(-1), END)
    })
  }

  it('leaves an engine that goes on behind it', async () => {
    let left = false
    const endless = async function* (): AsyncGenerator<QueryEvent> {
      try {
        for (;;) yield { kind: 'text', text: 'dragon ' }
      } finally {
        left = true
      }
    }
    assert.deepEqual(await collect(untilStopWord(endless(), ['dragon'])), [{ kind: 'end', finishReason: 'stop' }])
    assert.ok(left)
  })

  it('holds nothing back that cannot be its beginning, and keeps the order', async () => {
    const pieces = ['a', ' dr', 'y', ' well']
    const events = await collect(untilStopWord(said(pieces), ['dragon']))
    assert.deepEqual(
      events.flatMap((event) => (event.kind === 'text' ? event.text : [])),
      pieces,
    )
  })

  it('says that a stop word ended it though the limit came with it', async () => {
    const [end] = await collect(untilStopWord(said(['dragon'], { ...END, finishReason: 'length' }), ['dragon']))
    assert.equal(end?.kind === 'end' && end.finishReason, 'stop')
  })
})
