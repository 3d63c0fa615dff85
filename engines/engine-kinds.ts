/**
 * The adapter of every kind of engine: one row per kind of core/model/engine-kind.ts. README.md says how a kind is
 * added.
 */
import { ENGINE_KINDS, type EngineKind, type EnginePlace } from '../core/model/engine-kind.ts'
import { RealmeshError } from '../core/realmesh-error.ts'
import type { Engine } from './adapter/engine.ts'
import { AnthropicEngine } from './anthropic/anthropic.ts'
import { PiperEngine } from './audio/piper.ts'
import { WhisperCppEngine } from './audio/whisper-cpp.ts'
import { GuideEngine } from './builtin/guide.ts'
import { ImageFactsEngine } from './builtin/image-facts.ts'
import { ProceduralEngine } from './builtin/procedural.ts'
import { shownAddress } from './http/engine-access.ts'
import { Automatic1111Engine } from './images/automatic1111.ts'
import { ComfyUiEngine } from './images/comfyui.ts'
import { SdCppEngine } from './images/sdcpp.ts'
import { LlamaEngine } from './llama/llama.ts'
import { OllamaEngine } from './ollama/ollama.ts'
import { OpenAiEngine } from './openai/openai-compatible.ts'
import type { OpenAiKind } from './openai/openai-flavours.ts'
import { RentAHalEngine } from './rentahal/rentahal.ts'
import { RentAHalHostEngine } from './rentahal-host/rentahal-host.ts'
import { isSimulatedHost, SimulatedHostEngine } from './rentahal-host/simulated-host.ts'

/** An engine as the owner, or the detection, names it. */
export interface EngineSpec {
  readonly kind: EngineKind
  /** Base URL or `file:` URL; empty for built-ins and for the usual address of a cloud engine. */
  readonly url: string
  /** From the environment or a 0600 file, never from realms.yml. */
  readonly apiKey?: string
  /** Who a host of another federation must say that it is. @default nothing is asked of it */
  readonly federationId?: string
}

/** Makes the adapter. Nothing is contacted yet. `url` has passed the check of the kind's place. */
type CreateEngine = (spec: Omit<EngineSpec, 'kind'>) => Engine

const ADAPTERS: Readonly<Record<EngineKind, CreateEngine>> = {
  ollama: (spec) => new OllamaEngine(spec),
  openai: openAi('openai'),
  'llama-server': openAi('llama-server'),
  vllm: openAi('vllm'),
  'lm-studio': openAi('lm-studio'),
  tgi: openAi('tgi'),
  koboldcpp: openAi('koboldcpp'),
  localai: openAi('localai'),
  speaches: openAi('speaches'),
  kokoro: openAi('kokoro'),
  'whisper-cpp': (spec) => new WhisperCppEngine(spec),
  piper: (spec) => new PiperEngine(spec),
  anthropic: ({ url, apiKey = '' }) => new AnthropicEngine({ url, apiKey }),
  huggingface: openAi('huggingface'),
  rentahal: (spec) => new RentAHalEngine(spec),
  'rentahal-vision': (spec) => new RentAHalEngine({ ...spec, vision: true }),
  'rentahal-host': (spec) => (isSimulatedHost(spec.url) ? new SimulatedHostEngine() : new RentAHalHostEngine(spec)),
  automatic1111: (spec) => new Automatic1111Engine(spec),
  comfyui: (spec) => new ComfyUiEngine(spec),
  'sd-cpp': (spec) => new SdCppEngine(spec),
  llama: ({ url }) => new LlamaEngine({ modelFile: url }),
  'builtin/guide': () => new GuideEngine(),
  'builtin/image-facts': () => new ImageFactsEngine(),
  'builtin/procedural': () => new ProceduralEngine(),
}

function openAi(kind: OpenAiKind): CreateEngine {
  return (spec) => new OpenAiEngine({ kind, ...spec })
}

/** What is wrong with an address, by where the engine runs; undefined when nothing is. */
const ADDRESS_FAULT: Readonly<Record<EnginePlace, (url: string) => string | undefined>> = {
  server: httpFault,
  host: (url) => (isSimulatedHost(url) ? undefined : httpFault(url)),
  cloud: (url) => (url === '' ? undefined : httpFault(url)),
  file: (url) => (url === '' ? 'a model file is missing' : undefined),
  inside: () => undefined,
}

function httpFault(url: string): string | undefined {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return undefined
  return url === '' ? 'the address of the engine is missing' : `${shownAddress(url)} is not the address of an engine`
}

/**
 * Makes the adapter. Throws `CONFIG_INVALID` for a URL that is none, and for a cloud engine without a key. Nothing is
 * contacted yet.
 */
export function createEngine({ kind, ...spec }: EngineSpec): Engine {
  const place = ENGINE_KINDS[kind]
  const fault = ADDRESS_FAULT[place](spec.url)
  if (fault === undefined) return ADAPTERS[kind](spec)
  const example = place === 'file' ? 'file:///models/tiny.gguf' : 'http://127.0.0.1:11434'
  throw new RealmeshError('CONFIG_INVALID', fault, { fix: `write it like ${kind}=${example}` })
}
