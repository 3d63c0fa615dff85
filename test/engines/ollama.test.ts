import assert from 'node:assert/strict'
import { OllamaEngine } from '../../engines/ollama/ollama.ts'
import {
  directOllama,
  OLLAMA_CLOSED_MODEL,
  OLLAMA_CONTEXT,
  OLLAMA_MODEL,
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
  },
}

realEngineSuite('Ollama', real)
realNodeSuite('Ollama', real)
