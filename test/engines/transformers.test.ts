import { directOpenAi, type RealEngine } from '../support/real/real-engine.ts'
import { startTransformers, TRANSFORMERS_MODEL, transformersMissing } from '../support/real/transformers.ts'
import { realEngineSuite } from './real-engine-suite.ts'
import { realNodeSuite } from './real-node-suite.ts'

const real: RealEngine = {
  kind: 'openai',
  model: TRANSFORMERS_MODEL,
  missing: transformersMissing(),
  inGate: false,
  context: undefined,
  slots: 4,
  // It reads prompts of any length, and response formats not at all.
  can: {
    tools: 'unsure',
    structured: 'unsure',
    // Its model's own settings say that nothing is drawn.
    seed: false,
    prefill: false,
    load: false,
    loading: false,
    refusesLong: false,
  },
  start: startTransformers,
  direct: (server, ask) => directOpenAi(server, TRANSFORMERS_MODEL, ask),
}

realEngineSuite('transformers serve', real)
realNodeSuite('transformers serve', real)
