import assert from 'node:assert/strict'
import { floatSamplingIn, samplingIn } from '../../../../engines/adapter/sampling.ts'
import type { JsonObject } from '../../../../engines/http/json-shape.ts'
import { byOf, byText, MAX_COMPUTED_BY_LENGTH } from '../../../../protocols/query/frames/computed-by.ts'
import { capturedJson } from '../../../support/captured-wire.ts'

const props = capturedJson('llama-server-props.json')

describe('the sampling that a receipt tells', () => {
  it('is picked from a request by name, and nothing of its text', () => {
    const request = {
      model: 'tiny',
      messages: [{ role: 'user', content: 'secret' }],
      stream: true,
      max_tokens: 60,
      temperature: 0,
      stop: ['secret', 'word'],
      user: 'secret',
      grammar: 'secret',
      logit_bias: { 5: 1 },
      seed: Number.NaN,
    }
    assert.deepEqual(samplingIn(request), { max_tokens: 60, temperature: 0, stop: 2 })
    assert.deepEqual(samplingIn({ stop: 'secret' }), { stop: 1 })
  })

  it("is llama-server's own, as it was meant, from its page", () => {
    const params = (props['default_generation_settings'] as JsonObject)['params'] as JsonObject
    const defaults = floatSamplingIn(params)
    const { temperature, top_p, min_p, repeat_penalty, samplers, seed } = defaults
    assert.deepEqual([temperature, top_p, min_p, repeat_penalty, seed], [0.8, 0.95, 0.05, 1, 4_294_967_295])
    assert.equal(samplers, 'penalties,dry,top_n_sigma,top_k,typ_p,top_p,min_p,xtc,temperature')
    const text = byText({ digest: 'd'.repeat(64), template: 't'.repeat(64), defaults, sent: defaults })
    assert.ok(text.length < MAX_COMPUTED_BY_LENGTH)
    assert.deepEqual(byOf(text).defaults, defaults)
  })
})

describe('what a peer tells of its engine', () => {
  it('is bounded, and never throws', () => {
    const rubbish = ['', '{', 'null', '[]', '"x"', '1', `{"digest":${'['.repeat(2_000)}`, 'x'.repeat(5_000)]
    for (const text of rubbish) assert.deepEqual(byOf(text), {})
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`s${i}`, i]))
    assert.equal(Object.keys(byOf(JSON.stringify({ sent: many })).sent ?? {}).length, 64)
    const odd = '{"digest":5,"template":{},"sent":{"__proto__":1,"A":1,"x":{},"y":[1],"z":null,"ok":2},"defaults":[]}'
    assert.deepEqual(byOf(odd), { sent: { ok: 2 } })
    assert.equal(byOf(`{"digest":"a\\n\\u001b[31mb${'x'.repeat(400)}"}`).digest?.length, 255) // the two in a row became one space
  })
})
