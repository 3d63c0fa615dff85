/**
 * How each kind of engine is told from the others: one page that only it answers in that way. Never by port, which
 * several share. The order matters: KoboldCpp imitates Ollama and Automatic1111, and nearly everything answers
 * `/v1/models`.
 */
import type { EngineKind } from '../core/model/engine-kind.ts'
import { SPEACHES_TASKS } from './audio/sound-models.ts'
import { asArray, asObject, asString, type JsonObject, objectsOf } from './http/json-shape.ts'

/** One page as the detection saw it. */
export interface Page {
  readonly status: number
  readonly text: string
  /** The body when it is a JSON object. */
  readonly json: JsonObject | undefined
}

export interface Fingerprint {
  readonly kind: EngineKind
  readonly path: string
  readonly matches: (page: Page) => boolean
  /** A second question, asked only when the first page fits and no fingerprint before it did. It may be a POST. */
  readonly confirm?: {
    readonly path: string
    readonly json: unknown
    readonly matches: (page: Page) => boolean
  }
  readonly version?: (page: Page) => string | undefined
}

const ok = (page: Page): boolean => page.status === 200

function has(page: Page, ...keys: readonly string[]): boolean {
  return ok(page) && page.json !== undefined && keys.every((key) => page.json?.[key] !== undefined)
}

/** llama-server answers every page so until its model is in memory. */
function loads({ status, json }: Page): boolean {
  return status === 503 && asString(asObject(json?.['error'])?.['message']) === 'Loading model'
}

const listedBy = (page: Page): readonly JsonObject[] => objectsOf(page.json?.['data'])

/** Voices by name, each with its alphabet, as Piper keeps them. */
function isVoiceList(page: JsonObject): boolean {
  const voices = Object.values(page).map(asObject)
  return voices.length > 0 && voices.every((voice) => asObject(voice?.['phoneme_id_map']) !== undefined)
}

/** Most specific first; the first that matches names the engine. */
export const FINGERPRINTS: readonly Fingerprint[] = [
  {
    kind: 'koboldcpp',
    path: '/api/extra/version',
    matches: (page) => has(page, 'version') && /kobold/i.test(asString(page.json?.['result']) ?? ''),
    version: (page) => asString(page.json?.['version']),
  },
  {
    kind: 'llama-server',
    path: '/props',
    matches: (page) =>
      has(page, 'default_generation_settings') || has(page, 'build_info', 'total_slots') || loads(page),
    version: (page) => asString(page.json?.['build_info']),
  },
  {
    kind: 'sd-cpp',
    path: '/sdcpp/v1/capabilities',
    // LM Studio answers 200 with an error to every page that it does not have.
    matches: (page) => ok(page) && page.json?.['error'] === undefined && Object.keys(page.json ?? {}).length > 0,
  },
  {
    kind: 'comfyui',
    path: '/system_stats',
    matches: (page) => has(page, 'system', 'devices'),
    version: (page) => asString(asObject(page.json?.['system'])?.['comfyui_version']),
  },
  { kind: 'automatic1111', path: '/sdapi/v1/options', matches: (page) => has(page, 'sd_model_checkpoint') },
  {
    kind: 'lm-studio',
    path: '/api/v1/models',
    matches: (page) =>
      ok(page) && objectsOf(page.json?.['models']).some((model) => asString(model['key']) !== undefined),
  },
  {
    kind: 'lm-studio',
    path: '/api/v0/models',
    matches: (page) => ok(page) && listedBy(page).some((model) => asString(model['state']) !== undefined),
  },
  {
    kind: 'speaches',
    path: '/v1/models',
    matches: (page) => ok(page) && listedBy(page).some((model) => SPEACHES_TASKS.has(asString(model['task']) ?? '')),
  },
  {
    kind: 'kokoro',
    path: '/v1/models',
    matches: (page) => ok(page) && listedBy(page).some((model) => model['owned_by'] === 'kokoro'),
  },
  {
    kind: 'localai',
    path: '/v1/models/capabilities',
    matches: (page) => ok(page) && listedBy(page).some((model) => Array.isArray(model['capabilities'])),
  },
  {
    kind: 'whisper-cpp',
    path: '/',
    matches: (page) => ok(page) && /<title>Whisper\.cpp Server<\/title>/i.test(page.text),
  },
  {
    kind: 'piper',
    path: '/voices',
    matches: (page) => ok(page) && isVoiceList(page.json ?? {}),
  },
  {
    kind: 'vllm',
    path: '/v1/models',
    matches: (page) => ok(page) && listedBy(page).some((model) => model['owned_by'] === 'vllm'),
  },
  {
    kind: 'tgi',
    path: '/info',
    matches: (page) => has(page, 'model_id', 'max_concurrent_requests') || has(page, 'model_id', 'max_total_tokens'),
    version: (page) => asString(page.json?.['version']),
  },
  { kind: 'ollama', path: '/', matches: (page) => ok(page) && page.text.trim() === 'Ollama is running' },
  {
    kind: 'rentahal',
    path: '/health',
    matches: (page) => ok(page) && page.json?.['status'] === 'healthy',
    // A stock worker validates its input, so an empty question is told from a missing page and asks for no work.
    confirm: {
      path: '/predict/',
      json: {},
      matches: (page) => page.status === 422 && asArray(page.json?.['detail']).length > 0,
    },
  },
  { kind: 'openai', path: '/v1/models', matches: (page) => ok(page) && Array.isArray(page.json?.['data']) },
]
