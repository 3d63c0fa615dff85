/** Every stub engine by kind. */
import { anthropicStub } from './anthropic-stub.ts'
import { automatic1111Stub } from './automatic1111-stub.ts'
import { comfyUiStub } from './comfyui-stub.ts'
import { ollamaStub } from './ollama-stub.ts'
import { openAiStub } from './openai-stub.ts'
import { rentAHalStub } from './rentahal-stub.ts'
import { sdCppStub } from './sdcpp-stub.ts'
import { kokoroStub, localAiStub, piperStub, speachesStub, whisperCppStub } from './sound-stubs.ts'
import type { StubKnobs } from './stub-knobs.ts'
import type { StubServer } from './stub-server.ts'

type MakeStub = (knobs?: Partial<StubKnobs>) => StubServer

export const STUB_KINDS = {
  ollama: ollamaStub,
  'llama-server': (knobs) => openAiStub('llama-server', knobs),
  vllm: (knobs) => openAiStub('vllm', knobs),
  'lm-studio': (knobs) => openAiStub('lm-studio', knobs),
  tgi: (knobs) => openAiStub('tgi', knobs),
  koboldcpp: (knobs) => openAiStub('koboldcpp', knobs),
  huggingface: (knobs) => openAiStub('huggingface', knobs),
  anthropic: anthropicStub,
  automatic1111: (knobs) => automatic1111Stub(knobs),
  comfyui: comfyUiStub,
  'sd-cpp': sdCppStub,
  rentahal: (knobs) => rentAHalStub(knobs),
  openai: (knobs) => openAiStub('openai', knobs),
  localai: localAiStub,
  speaches: speachesStub,
  kokoro: kokoroStub,
  'whisper-cpp': whisperCppStub,
  piper: piperStub,
  transformers: (knobs) => openAiStub('transformers', knobs),
} as const satisfies Record<string, MakeStub>

export type StubKind = keyof typeof STUB_KINDS

/** A started stub on the loopback interface, by default on any free port. */
export function startStub(kind: StubKind, knobs: Partial<StubKnobs> = {}, port = 0): Promise<StubServer> {
  return STUB_KINDS[kind](knobs).start(port)
}
