import assert from 'node:assert/strict'
import type { ImagineQuery } from '../../../../core/query/query.ts'
import { checkCapabilities } from '../../../../engines/adapter/capability-check.ts'
import { LineBatches } from '../../../../engines/http/line-batches.ts'
import { TXT2IMG_WORKFLOW, workflowFor } from '../../../../engines/images/comfyui-workflow.ts'
import { guessCapabilities, guessTypes } from '../../../../engines/openai/model-guess.ts'
import { sumMetrics } from '../../../../engines/openai/prometheus-text.ts'
import { chatQuery } from '../../../support/query.ts'

describe('line batches', () => {
  it('gives whole lines, however the bytes are cut', () => {
    const text = 'erste Zeile ü\n二行目 🚀\n\nlast'
    const bytes = Buffer.from(text)
    for (let size = 1; size < bytes.length; size += 1) {
      const batches = new LineBatches({ engine: 'stub' })
      let seen = ''
      for (let at = 0; at < bytes.length; at += size) {
        const lines = batches.push(bytes.subarray(at, at + size))
        assert.ok(lines === '' || lines.endsWith('\n'))
        seen += lines
      }
      assert.equal(seen + batches.flush(), text)
    }
  })

  it('refuses a line without end', () => {
    const batches = new LineBatches({ engine: 'stub', maxLineBytes: 10 })
    batches.push(Buffer.from('12345'))
    assert.throws(() => batches.push(Buffer.from('678901')), { code: 'ENGINE_GARBAGE' })
  })
})

describe('prometheus text', () => {
  it('sums each metric over its labels and skips the rest', () => {
    const text =
      '# HELP a b\nvllm:waiting{engine="0",x="}"} 2\nvllm:waiting{engine="1"} 3.5\nplain 1e3\nbad NaN\nnonsense\n'
    assert.deepEqual(
      [...sumMetrics(text)],
      [
        ['vllm:waiting', 5.5],
        ['plain', 1000],
      ],
    )
  })
})

describe('guesses by name', () => {
  const table: readonly [string, readonly string[], boolean][] = [
    ['nomic-embed-text', ['embed'], false],
    ['BAAI/bge-m3', ['embed'], false],
    ['llava:13b', ['chat', 'vision'], false],
    ['Qwen2.5-VL-7B-Instruct', ['chat', 'vision'], false],
    ['deepseek-r1:8b', ['chat'], true],
    ['llama3.1:8b', ['chat'], false],
  ]
  for (const [name, types, reasoning] of table) {
    it(`takes ${name} for ${types.join(' and ')}${reasoning ? ' with reasoning' : ''}`, () => {
      const capabilities = guessCapabilities(name, true)
      assert.deepEqual(guessTypes(name, capabilities.vision), types)
      assert.equal(capabilities.reasoning, reasoning)
    })
  }
})

describe('capability check', () => {
  const model = {
    name: 'tiny',
    types: ['chat' as const],
    capabilities: { vision: false, tools: false, reasoning: false, structured: false, prefill: false },
    contextLength: 100,
  }

  it('lets through what a model can do', () => {
    checkCapabilities(
      model,
      chatQuery({ body: { messages: [], think: false, toolChoice: 'none', tools: [{ name: 'x' }] } }),
    )
    checkCapabilities(undefined, chatQuery({ body: { messages: [], prefill: 'x' } }))
  })

  it('refuses a prompt that cannot fit, and leaves the close cases to the engine', () => {
    const ask = (length: number) => chatQuery({ body: { messages: [{ role: 'user', content: 'x'.repeat(length) }] } })
    checkCapabilities(model, ask(1_000))
    assert.throws(() => checkCapabilities(model, ask(1_001)), { code: 'CONTEXT_TOO_LONG' })
  })
})

describe('comfyui workflow', () => {
  const query: ImagineQuery = {
    ...chatQuery({ model: 'm.safetensors' }),
    type: 'imagine',
    body: { prompt: 'a "%seed%" cat' },
  }

  it('fills each slot with its type and leaves the template as it is', () => {
    const before = structuredClone(TXT2IMG_WORKFLOW)
    const graph = workflowFor(TXT2IMG_WORKFLOW, query, 5) as Record<string, { inputs: Record<string, unknown> }>
    assert.equal(graph['sampler']?.inputs['seed'], 5)
    assert.equal(graph['canvas']?.inputs['width'], 512)
    assert.equal(graph['checkpoint']?.inputs['ckpt_name'], 'm.safetensors')
    assert.deepEqual(TXT2IMG_WORKFLOW, before)
  })

  it('reads nothing in a prompt as a slot', () => {
    const graph = workflowFor({ n: { inputs: { text: 'best, %prompt%, sharp' } } }, query, 5)
    assert.deepEqual(graph, { n: { inputs: { text: 'best, a "%seed%" cat, sharp' } } })
  })

  it('refuses a slot that nothing fills', () => {
    assert.throws(() => workflowFor({ n: '%constructor%' }, query, 5), { code: 'CONFIG_INVALID' })
  })
})
