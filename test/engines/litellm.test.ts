import { LITELLM_KEY, LITELLM_MODEL, liteLlmMissing, startLiteLlm } from '../support/real/litellm.ts'
import { directOpenAi, type RealEngine } from '../support/real/real-engine.ts'
import { realEngineSuite } from './real-engine-suite.ts'
import { realNodeSuite } from './real-node-suite.ts'

const real: RealEngine = {
  kind: 'openai',
  model: LITELLM_MODEL,
  apiKey: LITELLM_KEY,
  missing: liteLlmMissing(),
  inGate: false,
  context: undefined,
  slots: 4,
  can: {
    tools: 'unsure',
    structured: true,
    seed: false,
    prefill: false,
    load: false,
    loading: false,
    refusesLong: true,
  },
  start: startLiteLlm,
  direct: (server, ask) => directOpenAi(server, LITELLM_MODEL, ask, LITELLM_KEY),
}

realEngineSuite('LiteLLM', real)
realNodeSuite('LiteLLM', real)
