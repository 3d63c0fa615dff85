import { directOpenAi, type RealEngine } from '../support/real/real-engine.ts'
import { startVllm, VLLM_CONTEXT, VLLM_MODEL, vllmMissing } from '../support/real/vllm.ts'
import { realEngineSuite } from './real-engine-suite.ts'
import { realNodeSuite } from './real-node-suite.ts'

const real: RealEngine = {
  kind: 'vllm',
  model: VLLM_MODEL,
  missing: vllmMissing(),
  inGate: false,
  context: VLLM_CONTEXT,
  slots: 2,
  can: { tools: 'unsure', structured: true, seed: true, prefill: true, load: true, loading: false, refusesLong: true },
  start: startVllm,
  direct: (server, ask) => directOpenAi(server, VLLM_MODEL, ask),
}

realEngineSuite('vLLM', real)
realNodeSuite('vLLM', real)
