/** Every kind of engine that a node can use: one row per kind, with what the owner must know before he adds one. */
import { closest, distance } from 'fastest-levenshtein'
import { RealmeshError } from '../core/realmesh-error.ts'
import type { Engine } from './adapter/engine.ts'
import { AnthropicEngine } from './anthropic/anthropic.ts'
import { GUIDE, GuideEngine } from './builtin/guide.ts'
import { IMAGE_FACTS, ImageFactsEngine } from './builtin/image-facts.ts'
import { PROCEDURAL, ProceduralEngine } from './builtin/procedural.ts'
import { Automatic1111Engine } from './images/automatic1111.ts'
import { ComfyUiEngine } from './images/comfyui.ts'
import { SdCppEngine } from './images/sdcpp.ts'
import { LlamaEngine } from './llama/llama.ts'
import { OllamaEngine } from './ollama/ollama.ts'
import { OpenAiEngine } from './openai/openai-compatible.ts'
import type { OpenAiKind } from './openai/openai-flavours.ts'
import { RentAHalEngine } from './rentahal/rentahal.ts'

/** An engine as the owner, or the detection, names it. */
export interface EngineSpec {
  /** A key of `ENGINE_KINDS` or one of `ENGINE_ALIASES`. */
  readonly kind: string
  /** Base URL; empty for built-ins and for the usual address of a cloud engine. */
  readonly url: string
  /** From the environment or a 0600 file, never from realms.yml. */
  readonly apiKey?: string
  /** Context window to ask for, tokens; Ollama only. Default: the engine's. */
  readonly numCtx?: number
}

export interface EngineKindRow {
  readonly create: (spec: EngineSpec) => Engine
  /** Runs on somebody else's machines: serves scope `local` unless the owner says otherwise, and needs a key. */
  readonly cloud: boolean
  /** Runs inside the node and needs no URL. */
  readonly builtin: boolean
  /** Its address is the path, or the `file:` URL, of a model. */
  readonly file?: boolean
  /** Used when the owner names no address. */
  readonly defaultUrl?: string
}

const local = { cloud: false, builtin: false }

function openAi(kind: OpenAiKind): (spec: EngineSpec) => Engine {
  return ({ url, apiKey }) => new OpenAiEngine({ kind, url, ...(apiKey === undefined ? {} : { apiKey }) })
}

export const ENGINE_KINDS = {
  ollama: {
    ...local,
    create: ({ url, numCtx }) => new OllamaEngine({ url, ...(numCtx === undefined ? {} : { numCtx }) }),
  },
  'llama-server': { ...local, create: openAi('llama-server') },
  vllm: { ...local, create: openAi('vllm') },
  'lm-studio': { ...local, create: openAi('lm-studio') },
  tgi: { ...local, create: openAi('tgi') },
  koboldcpp: { ...local, create: openAi('koboldcpp') },
  openai: { ...local, create: openAi('openai') },
  huggingface: {
    cloud: true,
    builtin: false,
    defaultUrl: 'https://router.huggingface.co/v1',
    create: openAi('huggingface'),
  },
  anthropic: {
    cloud: true,
    builtin: false,
    defaultUrl: 'https://api.anthropic.com',
    create: ({ url, apiKey = '' }) => new AnthropicEngine({ url, apiKey }),
  },
  rentahal: { ...local, create: ({ url }) => new RentAHalEngine({ url }) },
  'rentahal-vision': { ...local, create: ({ url }) => new RentAHalEngine({ url, vision: true }) },
  automatic1111: { ...local, create: ({ url }) => new Automatic1111Engine({ url }) },
  comfyui: { ...local, create: ({ url }) => new ComfyUiEngine({ url }) },
  'sd-cpp': { ...local, create: ({ url }) => new SdCppEngine({ url }) },
  llama: { cloud: false, builtin: false, file: true, create: ({ url }) => new LlamaEngine({ modelFile: url }) },
  [GUIDE]: { cloud: false, builtin: true, create: () => new GuideEngine() },
  [IMAGE_FACTS]: { cloud: false, builtin: true, create: () => new ImageFactsEngine() },
  [PROCEDURAL]: { cloud: false, builtin: true, create: () => new ProceduralEngine() },
} as const satisfies Record<string, EngineKindRow>

export type EngineKind = keyof typeof ENGINE_KINDS

/** Other names that people use. */
export const ENGINE_ALIASES: Readonly<Record<string, EngineKind>> = {
  'openai-compatible': 'openai',
  llamacpp: 'llama-server',
  'llama.cpp': 'llama-server',
  lmstudio: 'lm-studio',
  kobold: 'koboldcpp',
  a1111: 'automatic1111',
  forge: 'automatic1111',
  sdcpp: 'sd-cpp',
  'sd.cpp': 'sd-cpp',
  'stable-diffusion.cpp': 'sd-cpp',
  claude: 'anthropic',
  hf: 'huggingface',
  'rent-a-hal': 'rentahal',
}

/** The kind that a name means. Throws `CONFIG_INVALID` with the nearest known name. */
export function engineKind(name: string): EngineKind {
  const lower = name.toLowerCase()
  if (Object.hasOwn(ENGINE_KINDS, lower)) return lower as EngineKind
  const alias = Object.hasOwn(ENGINE_ALIASES, lower) ? ENGINE_ALIASES[lower] : undefined
  if (alias !== undefined) return alias
  const known = Object.keys(ENGINE_KINDS)
  const nearest = closest(lower, known)
  const hint = distance(lower, nearest) <= 3 ? `did you mean ${nearest}?` : `use one of ${known.join(', ')}`
  throw new RealmeshError('CONFIG_INVALID', `there is no engine of kind ${name}`, { fix: hint })
}

/** Whether queries to this kind leave the owner's machines. */
export function isCloudKind(kind: EngineKind): boolean {
  return ENGINE_KINDS[kind].cloud
}

/** Makes the adapter. Throws `CONFIG_INVALID` for an unknown kind or a URL that is none. Nothing is contacted yet. */
export function createEngine(spec: EngineSpec): Engine {
  const row: EngineKindRow = ENGINE_KINDS[engineKind(spec.kind)]
  const url = spec.url === '' ? (row.defaultUrl ?? '') : spec.url
  if (row.file === true && url === '') {
    throw new RealmeshError('CONFIG_INVALID', `an engine of kind ${spec.kind} needs a model file`, {
      fix: `write it like ${spec.kind}=file:///models/tiny.gguf`,
    })
  }
  if (!row.builtin && row.file !== true && !isHttpUrl(url)) {
    throw new RealmeshError('CONFIG_INVALID', `${url === '' ? 'nothing' : url} is not the address of an engine`, {
      fix: `write it like ${spec.kind}=http://127.0.0.1:11434`,
    })
  }
  return row.create({ ...spec, url })
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
