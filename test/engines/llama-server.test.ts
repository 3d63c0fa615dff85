import assert from 'node:assert/strict'
import type { QueryType } from '../../core/query/query.ts'
import { createEngine } from '../../engines/engine-kinds.ts'
import { LlamaServer, llamaServerMissing } from '../support/real/llama-server.ts'
import { directOpenAi, type RealEngine } from '../support/real/real-engine.ts'
import { realEngineSuite } from './real-engine-suite.ts'
import { realNodeSuite } from './real-node-suite.ts'

const real: RealEngine = {
  kind: 'llama-server',
  model: 'smol',
  missing: llamaServerMissing(),
  inGate: true,
  context: 2048,
  slots: 2,
  // The model's template has no place for tools, and the server says so.
  can: { tools: false, structured: true, seed: true, prefill: true, load: true, loading: true, refusesLong: true },
  start: ({ port, wait = true } = {}) => {
    const init = port === undefined ? {} : { port }
    return wait ? LlamaServer.start(init) : LlamaServer.launch(init)
  },
  direct: (server, ask) => directOpenAi(server, 'smol', ask),
  more: (server) => {
    it('makes embeddings only where it was started for them, whatever the model is called', async () => {
      const { signal } = new AbortController()
      const typesAt = async (url: string): Promise<readonly QueryType[] | undefined> => {
        const engine = createEngine({ kind: 'llama-server', url })
        const [model] = await engine.models({ signal })
        await engine.close()
        return model?.types
      }
      const embeds = await LlamaServer.start({ set: { embedding: true, pooling_type: 1 } })
      assert.deepEqual([await typesAt(server().url), await typesAt(embeds.url)], [['chat'], ['chat', 'embed']])
      await embeds.stop()
    })
  },
}

realEngineSuite('llama-server', real)
realNodeSuite('llama-server', real)
