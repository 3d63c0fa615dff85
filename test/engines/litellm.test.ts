import { LITELLM_KEY, LITELLM_MODEL, liteLlmMissing, startLiteLlm } from '../support/real/litellm.ts'
import { directOpenAi } from '../support/real/real-engine.ts'
import { realEngineSuite } from './real-engine-suite.ts'

realEngineSuite('LiteLLM', {
  kind: 'openai',
  model: LITELLM_MODEL,
  apiKey: LITELLM_KEY,
  missing: liteLlmMissing(),
  inGate: false,
  context: undefined,
  slots: 4,
  can: { tools: 'unsure', structured: true, seed: false, prefill: false, load: false, loading: false },
  start: startLiteLlm,
  direct: (server, ask) => directOpenAi(server, LITELLM_MODEL, ask, LITELLM_KEY),
})
