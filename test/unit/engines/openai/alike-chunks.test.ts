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
    assert.equal(new AlikeChunks().read(chunk(' a')), undefined)
  })

  for (const space of [false, true]) {
    it(`reads the text of the next ones, ${space ? 'with' : 'without'} spaces between the parts`, () => {
      const alike = learnt(chunk(' a', { space }), ' a')
      for (const text of [' tok', '日本', '🙂', 'a', "it's {fine}, [all]: of it"]) {
        assert.deepEqual(alike.read(chunk(text, { space })), { text, written: undefined })
      }
    })
  }

  it('reads the text of completions too', () => {
    const piece = (text: string) => `{"choices":[{"text":${JSON.stringify(text)},"index":0,"finish_reason":null}]}`
    assert.deepEqual(learnt(piece(' a'), ' a').read(piece(' b')), { text: ' b', written: undefined })
  })

  it('leaves what is escaped to the parser', () => {
    const alike = learnt(chunk(' a'), ' a')
    for (const text of ['"', 'a\nb', '\\', '\u0000', '']) assert.equal(alike.read(chunk(text)), undefined)
  })

  it('leaves a chunk that differs anywhere else to the parser', () => {
    const alike = learnt(chunk(' a'), ' a')
    assert.equal(alike.read(chunk(' b', { more: { usage: { prompt_tokens: 1 } } })), undefined)
    assert.equal(alike.read(chunk(' b', { more: { id: 'chatcmpl-2' } })), undefined)
    assert.equal(alike.read('{"error":"gone"}'), undefined)
    assert.equal(alike.read(''), undefined)
  })

  it('does not take another field with the same words for the text', () => {
    assert.equal(learnt(chunk('m'), 'm').read(chunk('n')), undefined)
    const elsewhere = JSON.stringify({ choices: [{ delta: { reasoning_content: 'b' } }] })
    assert.equal(learnt(elsewhere, 'b').read(elsewhere), undefined)
  })

  it('gives up on an engine whose chunks are never alike, and never reads one of them wrongly', () => {
    const alike = new AlikeChunks()
    for (let at = 0; at < 20; at += 1) {
      const next = chunk(' a', { more: { created: at } })
      assert.equal(alike.read(next), undefined)
      alike.learn(next, ' a')
    }
  })

  describe('of an engine that counts in each', () => {
    /** As llama-server writes it with `timings_per_token`. */
    const llama = (text: string, written: number, created = 1_795_843_931): string => {
      const delta = { choices: [{ finish_reason: null, index: 0, delta: { content: text } }], created }
      const timings = {
        prompt_n: 37,
        predicted_n: written,
        predicted_ms: written * 88.5,
        predicted_per_second: 1e3 / 7,
      }
      return JSON.stringify({ ...delta, id: 'chatcmpl-VL6x4', object: 'chat.completion.chunk', timings })
    }
    /** As vLLM writes it with `continuous_usage_stats`. */
    const vllm = (text: string, written: number): string => {
      const usage = { prompt_tokens: 40, total_tokens: 40 + written, completion_tokens: written, details: null }
      const choices = [{ index: 0, delta: { content: text }, logprobs: null, finish_reason: null, token_ids: null }]
      return JSON.stringify({ id: 'chatcmpl-aab', created: 1_795_825_110, model: 'm', choices, usage })
    }

    for (const [engine, write] of [
      ['llama-server', llama],
      ['vLLM', vllm],
    ] as const) {
      it(`reads text and count of ${engine} once two were parsed`, () => {
        const alike = new AlikeChunks()
        for (const [text, written] of [
          [' a', 8],
          [' b', 9],
        ] as const) {
          assert.equal(alike.read(write(text, written)), undefined)
          alike.learn(write(text, written), text, written)
        }
        for (const [text, written] of [
          [' c', 10],
          ['日本', 12],
          [' d', 1_234],
        ] as const)
          assert.deepEqual(alike.read(write(text, written)), { text, written })
      })

      it(`leaves a chunk of ${engine} that says more to the parser`, () => {
        const alike = new AlikeChunks()
        alike.learn(write(' a', 1), ' a', 1)
        alike.learn(write(' b', 2), ' b', 2)
        const next = write(' c', 3)
        assert.ok(alike.read(next))
        for (const other of [
          next.replace('"finish_reason":null', '"finish_reason":"stop"'),
          next.replace('"id"', '"error":{"code":1},"id"'),
          next.replace(/}$/, ',"cached":true}'),
          next.replace(/"(predicted_n|completion_tokens)":3/, '"$1":null'),
          next.replace(/"(predicted_n|completion_tokens)":3/, '"$1":3.5'),
          next.slice(0, -1),
          `${next} `,
        ])
          assert.equal(alike.read(other), undefined, other)
      })
    }

    it('learns anew when another field changes, as the time does each second, however often', () => {
      const alike = new AlikeChunks()
      let parsed = 0
      for (let written = 1; written <= 200; written += 1) {
        const chunk = llama(' a', written, 1_795_843_931 + Math.floor(written / 10))
        const seen = alike.read(chunk)
        if (seen !== undefined) assert.deepEqual(seen, { text: ' a', written })
        else {
          parsed += 1
          alike.learn(chunk, ' a', written)
        }
      }
      assert.ok(parsed <= 44, `${parsed} of 200 parsed`)
    })
  })
})
