import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { JsonObject } from '../../../../engines/http/json-shape.ts'
import { ollamaModel, runsElsewhere } from '../../../../engines/ollama/ollama-models.ts'
import { capturedJson } from '../../../support/captured-wire.ts'

/** As its source has them. */
const OLLAMA_DEFAULTS = {
  num_predict: -1,
  num_keep: 4,
  temperature: 0.8,
  top_k: 40,
  top_p: 0.9,
  typical_p: 1,
  repeat_last_n: 64,
  repeat_penalty: 1.1,
  presence_penalty: 0,
  frequency_penalty: 0,
  seed: -1,
}

describe('ollamaModel', () => {
  const ABLE = { logprobs: true, raw: true, infill: false }

  it('fills in between two texts where the template has a place for it', () => {
    const insert = { capabilities: ['completion', 'insert'] }
    assert.equal(ollamaModel({ name: 'q' }, insert, undefined)?.capabilities.infill, true)
  })

  it('knows what a model can do, and the context that is loaded before the one it was trained for', () => {
    const show = {
      capabilities: ['completion', 'tools'],
      model_info: { 'qwen.context_length': 32_768 },
      template: '{{ .Prompt }}{{ .Response }}',
    }
    const entry = {
      name: 'q',
      digest: 'd',
      details: { parameter_size: '7B', quantization_level: 'Q4_K_M', family: 'qwen' },
    }
    assert.deepEqual(ollamaModel(entry, show, 4096), {
      name: 'q',
      types: ['chat'],
      capabilities: { vision: false, tools: true, reasoning: false, structured: true, prefill: true, ...ABLE },
      contextLength: 4096,
      quantization: 'Q4_K_M',
      parameterSize: '7B',
      family: 'qwen',
      digest: 'd',
      template: createHash('sha256').update(show.template).digest('hex'),
      defaults: OLLAMA_DEFAULTS,
    })
    assert.equal(ollamaModel({}, {}, undefined), undefined)
  })

  it('tells for receipts what a real Ollama tells: digest, template, quantisation, and settings over its defaults', () => {
    const [entry = {}] = capturedJson('ollama-tags.json')['models'] as JsonObject[]
    const show = capturedJson('ollama-show.json')
    const model = ollamaModel(entry, show, undefined)
    assert.equal(model?.digest, '0f09a9f9f8eee4dea435884fa74ab42fd74fe407049c7feb26818ee8fc16d00f')
    assert.equal(model?.quantization, 'Q4_1')
    assert.equal(model?.template, createHash('sha256').update(String(show['template'])).digest('hex'))
    assert.deepEqual(model?.defaults, { ...OLLAMA_DEFAULTS, num_ctx: 128, stop: 2 })
    const chosen = {
      ...show,
      parameters: 'temperature                    0.6\nrepeat_penalty                 1\nbad \n',
    }
    assert.deepEqual(ollamaModel(entry, chosen, undefined)?.defaults, {
      ...OLLAMA_DEFAULTS,
      temperature: 0.6,
      repeat_penalty: 1,
    })
    assert.equal(ollamaModel(entry, { ...show, renderer: 'qwen3' }, undefined)?.template, 'renderer:qwen3')
  })

  it('tells no more context than will surely be there', () => {
    const entry = { name: 'q' }
    const told = (show: object, loaded?: number) => ollamaModel(entry, { ...show }, loaded)?.contextLength
    const model_info = { 'qwen.context_length': 32_768 }
    const parameters = 'num_thread                     1\nnum_ctx                        128\nstop "x"'
    assert.equal(told({ model_info }), 4_096)
    assert.equal(told({ model_info: { 'tiny.context_length': 2_048 } }), 2_048)
    assert.equal(told({ model_info, parameters }), 128)
    assert.equal(told({ model_info, parameters }, 8_192), 8_192)
    assert.equal(told({}), undefined)
  })

  it('leaves out models of somebody\u2019s cloud', () => {
    assert.equal(runsElsewhere({ name: 'big:cloud', remote_host: 'https://example.com' }), true)
    assert.equal(runsElsewhere({ name: 'small' }), false)
  })
})
