import assert from 'node:assert/strict'
import { AlikeChunks } from '../../../../engines/openai/alike-chunks.ts'

/** A chunk as engines write it; `space` as Python does. */
function chunk(content: string, { more = {}, space = false } = {}): string {
  const delta = space ? `{"content": ${JSON.stringify(content)}}` : JSON.stringify({ content })
  const rest = JSON.stringify({ id: 'chatcmpl-1', model: 'm', ...more })
  return `${rest.slice(0, -1)},"choices":[{"index":0,"delta":${delta},"finish_reason":null}]}`
}

function learnt(from: string, text: string): AlikeChunks {
  const alike = new AlikeChunks()
  alike.learn(from, text)
  return alike
}

describe('chunks that are alike', () => {
  it('knows nothing before it has learnt', () => {
    assert.equal(new AlikeChunks().textOf(chunk(' a')), undefined)
  })

  for (const space of [false, true]) {
    it(`reads the text of the next ones, ${space ? 'with' : 'without'} spaces between the parts`, () => {
      const alike = learnt(chunk(' a', { space }), ' a')
      for (const text of [' tok', '日本', '🙂', 'a', "it's {fine}, [all]: of it"]) {
        assert.equal(alike.textOf(chunk(text, { space })), text)
      }
    })
  }

  it('leaves what is escaped to the parser', () => {
    const alike = learnt(chunk(' a'), ' a')
    for (const text of ['"', 'a\nb', '\\', '\u0000', '']) assert.equal(alike.textOf(chunk(text)), undefined)
  })

  it('leaves a chunk that differs anywhere else to the parser', () => {
    const alike = learnt(chunk(' a'), ' a')
    assert.equal(alike.textOf(chunk(' b', { more: { usage: { prompt_tokens: 1 } } })), undefined)
    assert.equal(alike.textOf(chunk(' b', { more: { id: 'chatcmpl-2' } })), undefined)
    assert.equal(alike.textOf('{"error":"gone"}'), undefined)
    assert.equal(alike.textOf(''), undefined)
  })

  it('does not take another field with the same words for the text', () => {
    assert.equal(learnt(chunk('m'), 'm').textOf(chunk('n')), undefined)
    const elsewhere = JSON.stringify({ choices: [{ delta: { reasoning_content: 'b' } }] })
    assert.equal(learnt(elsewhere, 'b').textOf(elsewhere), undefined)
  })

  it('gives up on an engine whose chunks are never alike, and never reads one of them wrongly', () => {
    const alike = new AlikeChunks()
    for (let at = 0; at < 20; at += 1) {
      const next = chunk(' a', { more: { created: at } })
      assert.equal(alike.textOf(next), undefined)
      alike.learn(next, ' a')
    }
  })
})
