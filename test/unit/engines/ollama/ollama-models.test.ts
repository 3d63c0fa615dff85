import assert from 'node:assert/strict'
import { ollamaModel, runsElsewhere } from '../../../../engines/ollama/ollama-models.ts'

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
    })
    assert.equal(ollamaModel({}, {}, undefined), undefined)
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
