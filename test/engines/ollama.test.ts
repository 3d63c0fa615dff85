import assert from 'node:assert/strict'
import { OllamaEngine } from '../../engines/ollama/ollama.ts'
import { collect } from '../support/collect.ts'
import { chatQuery } from '../support/query.ts'
import {
  directOllama,
  OLLAMA_CLOSED_MODEL,
  OLLAMA_CONTEXT,
  OLLAMA_MODEL,
  OLLAMA_NARROW_CONTEXT,
  OLLAMA_NARROW_MODEL,
  ollamaMissing,
  startOllama,
} from '../support/real/ollama.ts'
import type { RealEngine } from '../support/real/real-engine.ts'
import { realEngineSuite } from './real-engine-suite.ts'
import { realNodeSuite } from './real-node-suite.ts'

const real: RealEngine = {
  kind: 'ollama',
  model: OLLAMA_MODEL,
  missing: ollamaMissing(),
  inGate: false,
  context: OLLAMA_CONTEXT,
  slots: 1,
  can: { tools: false, structured: true, seed: true, prefill: true, load: false, loading: false, refusesLong: true },
  start: startOllama,
  direct: directOllama,
  more: (server) => {
    it('does not claim to continue an answer that the model\u2019s own template closes', async () => {
      const engine = new OllamaEngine({ url: server().url })
      const models = await engine.models({ signal: new AbortController().signal })
      const prefill = (name: string) => models.find((model) => model.name === name)?.capabilities.prefill
      assert.deepEqual([prefill(OLLAMA_CLOSED_MODEL), prefill(OLLAMA_MODEL)], [false, true])
      await engine.close()
    })

    it('tells the context that a model is made with, and ends an answer that fills it', async () => {
      const engine = new OllamaEngine({ url: server().url })
      const { signal } = new AbortController()
      const narrow = (await engine.models({ signal })).find(({ name }) => name === OLLAMA_NARROW_MODEL)
      assert.equal(narrow?.contextLength, OLLAMA_NARROW_CONTEXT)
      const messages = [{ role: 'user' as const, content: 'Tell me a long story about a dragon and a sailor.' }]
      const body = { messages, sampling: { temperature: 0, maxTokens: 4 * OLLAMA_NARROW_CONTEXT } }
      const end = (await collect(engine.run(chatQuery({ model: OLLAMA_NARROW_MODEL, body }), { signal }))).at(-1)
      assert.ok(end?.kind === 'end' && end.usage !== undefined)
      assert.equal(end.finishReason, 'length')
      // The last token needs no place any more.
      assert.ok(end.usage.promptTokens + end.usage.completionTokens <= OLLAMA_NARROW_CONTEXT + 1, JSON.stringify(end))
      await engine.close()
    })
  },
}

realEngineSuite('Ollama', real)
realNodeSuite('Ollama', real)
