import { LlamaServer, llamaServerMissing } from '../support/real/llama-server.ts'
import { directOpenAi } from '../support/real/real-engine.ts'
import { realEngineSuite } from './real-engine-suite.ts'

realEngineSuite('llama-server', {
  kind: 'llama-server',
  model: 'smol',
  missing: llamaServerMissing(),
  inGate: true,
  context: 2048,
  slots: 2,
  // The model's template has no place for tools, and the server says so.
  can: { tools: false, structured: true, seed: true, prefill: true, load: true, loading: true },
  start: ({ port, wait = true } = {}) => {
    const init = port === undefined ? {} : { port }
    return wait ? LlamaServer.start(init) : LlamaServer.launch(init)
  },
  direct: (server, ask) => directOpenAi(server, 'smol', ask),
})
