import { OllamaEngine } from '../../../engines/ollama/ollama.ts'
import { startStub } from '../../support/engines/stub-kinds.ts'
import { engineContract } from './engine-contract.ts'

engineContract({
  name: 'ollama',
  stub: (knobs) => startStub('ollama', knobs),
  engine: (url) => new OllamaEngine({ url }),
  model: 'tiny',
  can: {
    prefill: true,
    tools: true,
    images: true,
    structured: true,
    reasoning: true,
    embed: true,
    load: true,
    usage: true,
    streams: true,
    seed: true,
  },
})
