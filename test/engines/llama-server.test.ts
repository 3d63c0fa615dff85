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
}

realEngineSuite('llama-server', real)
realNodeSuite('llama-server', real)
