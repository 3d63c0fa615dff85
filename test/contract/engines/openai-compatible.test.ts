import { OpenAiEngine } from '../../../engines/openai/openai-compatible.ts'
import type { OpenAiKind } from '../../../engines/openai/openai-flavours.ts'
import type { OpenAiStubKind } from '../../support/engines/openai-stub.ts'
import { startStub } from '../../support/engines/stub-kinds.ts'
import { engineContract } from './engine-contract.ts'

/**
 * What differs between the kinds; the names of the stubs' models tell nothing, so the guess by name finds no vision and
 * no reasoning.
 */
const KINDS: Readonly<
  Record<OpenAiStubKind, { prefill: boolean; images: boolean; reasoning: boolean; load: boolean }>
> = {
  'llama-server': { prefill: true, images: true, reasoning: true, load: true },
  vllm: { prefill: true, images: false, reasoning: false, load: true },
  'lm-studio': { prefill: true, images: true, reasoning: false, load: true },
  tgi: { prefill: true, images: false, reasoning: false, load: true },
  koboldcpp: { prefill: true, images: false, reasoning: false, load: true },
  huggingface: { prefill: false, images: false, reasoning: false, load: false },
  openai: { prefill: false, images: false, reasoning: false, load: false },
  transformers: { prefill: false, images: false, reasoning: false, load: false },
}

for (const [name, differs] of Object.entries(KINDS)) {
  const kind = name === 'transformers' ? 'openai' : (name as OpenAiKind)
  engineContract({
    name,
    stub: (knobs) => startStub(name as OpenAiStubKind, knobs),
    engine: (url) => new OpenAiEngine({ kind, url: `${url}/v1`, apiKey: 'sk-stub' }),
    model: 'tiny',
    can: { tools: true, structured: true, embed: true, usage: true, streams: true, seed: true, ...differs },
  })
}
