/**
 * What becomes of each field that OpenAI's API allows, and of those that other APIs and engines add to it: which kinds
 * of engines get it, and what the others mean for the query. Nothing is dropped silently: a wish that an engine does
 * not take is named in the head of the answer, and what would change the shape of the answer is refused. Most sampling
 * has names of our own in `Sampling`; a field with a `shape` here travels in `settings` by the name that programs use.
 */
import type { Settings } from '../query/query.ts'
import type { EngineKind } from './engine-kind.ts'

/** `passed` to the engine, left out and named, or reason enough not to serve. */
export type FieldFate = 'passed' | 'ignored' | 'refused'

type SettingShape = 'number' | 'boolean' | 'text' | 'list' | 'object' | 'any'

interface FieldRow {
  /** Kinds whose engines take it; `all`: realmesh sees to it itself. */
  readonly to: readonly EngineKind[] | 'all'
  readonly otherwise: Exclude<FieldFate, 'passed'>
  /** Of a setting. */
  readonly shape?: SettingShape
  /**
   * Never goes to a peer: it names the user, or is the business of a machine's owner, such as how long a model stays in
   * memory.
   */
  readonly stays?: true
}

const LIKE_OPENAI = [
  'openai',
  'llama-server',
  'vllm',
  'lm-studio',
  'tgi',
  'koboldcpp',
  'huggingface',
  'localai',
] as const
const SAMPLES = [...LIKE_OPENAI, 'ollama', 'llama'] as const
const DRAWS = ['automatic1111', 'comfyui', 'sd-cpp', 'builtin/procedural'] as const
/** An `openai` engine may stand before any other, so it is given what any may know, and answers for itself. */
const MORE_SAMPLES = [
  'openai',
  'llama-server',
  'vllm',
  'lm-studio',
  'koboldcpp',
  'huggingface',
  'localai',
  'ollama',
  'llama',
] as const

const HEARS = ['openai', 'vllm', 'localai', 'speaches', 'whisper-cpp'] as const

const ours: FieldRow = { to: 'all', otherwise: 'ignored' }
const nobody: FieldRow = { to: [], otherwise: 'ignored' }
const refused: FieldRow = { to: [], otherwise: 'refused' }

function wish(to: readonly EngineKind[], shape?: SettingShape): FieldRow {
  return { to, otherwise: 'ignored', ...(shape !== undefined && { shape }) }
}

function must(to: readonly EngineKind[], shape?: SettingShape): FieldRow {
  return { ...wish(to, shape), otherwise: 'refused' }
}

const LLAMA: readonly EngineKind[] = ['openai', 'llama-server']
const LLAMAS: readonly EngineKind[] = ['openai', 'llama-server', 'koboldcpp']
const VLLM: readonly EngineKind[] = ['openai', 'vllm']

const ROWS = {
  model: ours,
  messages: ours,
  prompt: must(['openai', 'llama-server', 'vllm', 'lm-studio', 'tgi', 'koboldcpp', 'localai', 'ollama', 'llama']),
  suffix: must(['openai', 'llama-server', 'ollama']),
  echo: ours,
  best_of: ours,
  n: ours,
  stream: ours,
  stream_options: ours,
  tools: ours,
  tool_choice: ours,
  parallel_tool_calls: ours,
  'tools[].function.strict': wish(['openai', 'vllm', 'huggingface']),
  response_format: ours,
  'messages[].name': wish(LIKE_OPENAI),
  'messages[].content[].image_url.detail': wish(['openai', 'huggingface']),
  reasoning_effort: wish([...LIKE_OPENAI, 'ollama', 'anthropic']),
  // Of Responses: the same wishes by other names.
  instructions: ours,
  max_output_tokens: wish([...SAMPLES, 'anthropic']),
  'reasoning.effort': wish([...LIKE_OPENAI, 'ollama', 'anthropic']),
  'text.verbosity': wish(['openai']),
  'tools[].strict': wish(['openai', 'vllm', 'huggingface']),
  'input[].content[].detail': wish(['openai', 'huggingface']),
  // Of Anthropic's messages, likewise.
  stop_sequences: wish([...SAMPLES, 'anthropic']),
  thinking: wish([...LIKE_OPENAI, 'ollama', 'anthropic']),
  'thinking.budget_tokens': wish(['openai', 'llama-server']),
  'output_config.effort': wish([...LIKE_OPENAI, 'ollama', 'anthropic']),
  logprobs: must(['openai', 'llama-server', 'vllm', 'tgi', 'huggingface', 'ollama']),
  top_logprobs: must(['openai', 'llama-server', 'vllm', 'tgi', 'huggingface', 'ollama']),
  temperature: wish([...SAMPLES, 'anthropic', 'speaches', 'whisper-cpp']),
  top_p: wish([...SAMPLES, 'anthropic']),
  top_k: wish([...MORE_SAMPLES, 'anthropic']),
  min_p: wish(MORE_SAMPLES),
  seed: wish([...SAMPLES, ...DRAWS]),
  stop: wish([...SAMPLES, 'anthropic']),
  max_tokens: wish([...SAMPLES, 'anthropic']),
  max_completion_tokens: wish([...SAMPLES, 'anthropic']),
  frequency_penalty: wish(SAMPLES),
  presence_penalty: wish(SAMPLES),
  repeat_penalty: wish(MORE_SAMPLES),
  repetition_penalty: wish(MORE_SAMPLES),
  logit_bias: wish(['openai', 'llama-server', 'vllm', 'lm-studio', 'koboldcpp', 'huggingface'], 'object'),
  grammar: must([...LLAMAS, 'llama'], 'text'),
  json_schema: ours,
  structured_outputs: must(VLLM, 'object'),
  guided_json: must(VLLM, 'any'),
  guided_regex: must(VLLM, 'text'),
  guided_choice: must(VLLM, 'list'),
  guided_grammar: must(VLLM, 'text'),
  chat_template_kwargs: wish(['openai', 'llama-server', 'vllm', 'koboldcpp'], 'object'),
  verbosity: wish(['openai'], 'text'),
  user: { ...wish(['openai', 'huggingface'], 'text'), stays: true },
  keep_alive: { ...wish(['ollama'], 'any'), stays: true },
  num_ctx: { ...wish(['ollama'], 'number'), stays: true },
  num_keep: wish(['ollama'], 'number'),
  typical_p: wish([...LLAMA, 'ollama'], 'number'),
  repeat_last_n: wish([...LLAMA, 'ollama'], 'number'),
  mirostat: wish([...LLAMAS, 'ollama'], 'number'),
  mirostat_tau: wish([...LLAMAS, 'ollama'], 'number'),
  mirostat_eta: wish([...LLAMAS, 'ollama'], 'number'),
  top_n_sigma: wish(LLAMA, 'number'),
  xtc_probability: wish(LLAMAS, 'number'),
  xtc_threshold: wish(LLAMAS, 'number'),
  dynatemp_range: wish(LLAMAS, 'number'),
  dynatemp_exponent: wish(LLAMAS, 'number'),
  dry_multiplier: wish(LLAMAS, 'number'),
  dry_base: wish(LLAMAS, 'number'),
  dry_allowed_length: wish(LLAMAS, 'number'),
  dry_penalty_last_n: wish(LLAMA, 'number'),
  dry_sequence_breakers: wish(LLAMA, 'list'),
  samplers: wish(LLAMA, 'any'),
  n_keep: wish(LLAMA, 'number'),
  min_keep: wish(LLAMA, 'number'),
  cache_prompt: wish(LLAMA, 'boolean'),
  thinking_budget_tokens: wish(LLAMA, 'number'),
  ignore_eos: wish(['openai', 'llama-server', 'vllm'], 'boolean'),
  min_tokens: wish(VLLM, 'number'),
  stop_token_ids: wish(VLLM, 'list'),
  bad_words: wish(VLLM, 'list'),
  length_penalty: wish(VLLM, 'number'),
  skip_special_tokens: wish(VLLM, 'boolean'),
  spaces_between_special_tokens: wish(VLLM, 'boolean'),
  include_stop_str_in_output: wish(VLLM, 'boolean'),
  // Of OpenAI's own service: there is nothing behind them here.
  store: nobody,
  metadata: nobody,
  service_tier: nobody,
  prediction: nobody,
  prompt_cache_key: nobody,
  prompt_cache_retention: nobody,
  safety_identifier: nobody,
  // They ask for another kind of answer.
  audio: refused,
  web_search_options: refused,
  functions: refused,
  function_call: refused,
  modalities: ours,
  // Ollama's own words.
  options: ours,
  format: ours,
  think: wish([...LIKE_OPENAI, 'ollama', 'anthropic']),
  num_predict: wish([...SAMPLES, 'anthropic']),
  system: ours,
  images: ours,
  raw: ours,
  template: refused,
  context: refused,
  // Embeddings.
  input: ours,
  encoding_format: ours,
  dimensions: ours,
  // Ranking.
  query: ours,
  documents: ours,
  top_n: ours,
  return_documents: ours,
  return_text: ours,
  rank_fields: ours,
  max_tokens_per_doc: nobody,
  max_chunks_per_doc: nobody,
  truncate_prompt_tokens: nobody,
  // Counting.
  content: ours,
  tokens: ours,
  add_special: ours,
  parse_special: nobody,
  with_pieces: ours,
  add_special_tokens: ours,
  return_token_strs: ours,
  add_generation_prompt: nobody,
  continue_final_message: ours,
  // Pictures.
  size: ours,
  negative_prompt: wish(DRAWS),
  steps: wish(DRAWS),
  width: ours,
  height: ours,
  guidance_scale: wish(DRAWS),
  // Of Automatic1111: the same wishes by its own names.
  cfg_scale: wish(DRAWS),
  batch_size: ours,
  n_iter: ours,
  override_settings: ours,
  output_format: ours,
  partial_images: ours,
  quality: nobody,
  style: nobody,
  background: nobody,
  moderation: nobody,
  output_compression: nobody,
  // Recordings and speech; what a text to be spoken has beside them goes by a name of its own here.
  file: ours,
  language: wish(HEARS),
  'timestamp_granularities[]': ours,
  timestamp_granularities: ours,
  voice: ours,
  stream_format: ours,
  speed: wish(['openai', 'localai', 'speaches', 'kokoro', 'piper']),
  'speech.instructions': wish(['openai', 'localai']),
  'speech.language': wish(['kokoro']),
  // Ours.
  realmesh: ours,
} as const satisfies Readonly<Record<string, FieldRow>>

export type RequestField = keyof typeof ROWS

/** The table: one row for each field. */
export const REQUEST_FIELDS: Readonly<Record<RequestField, FieldRow>> = ROWS

const BY_NAME: ReadonlyMap<string, FieldRow> = new Map(Object.entries(ROWS))

/**
 * What an engine of this kind makes of a field; a field without a row is `ignored`. `here`: whether the engine is this
 * node's own, so that what stays here reaches it.
 */
export function fateOf(field: string, kind: EngineKind, here = true): FieldFate {
  const row = BY_NAME.get(field)
  if (row === undefined) return 'ignored'
  if (row.to === 'all') return 'passed'
  return row.to.includes(kind) && (here || row.stays !== true) ? 'passed' : row.otherwise
}

/** Whether the field is a setting, which travels by its own name. */
export function isSetting(field: string): boolean {
  return BY_NAME.get(field)?.shape !== undefined
}

/** Whether a setting may go to a peer. */
export function mayTravel(field: string): boolean {
  return isSetting(field) && BY_NAME.get(field)?.stays !== true
}

const HAS_SHAPE: Readonly<Record<SettingShape, (value: unknown) => boolean>> = {
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  boolean: (value) => typeof value === 'boolean',
  text: (value) => typeof value === 'string',
  list: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  any: (value) => value !== null && value !== undefined,
}

/** What the value of a setting should be and is not; undefined when it is right. */
export function wrongShape(field: string, value: unknown): SettingShape | undefined {
  const shape = BY_NAME.get(field)?.shape
  return shape === undefined || HAS_SHAPE[shape](value) ? undefined : shape
}

/** The settings that an engine of this kind takes. */
export function settingsFor(kind: EngineKind, settings: Settings | undefined): Settings {
  return settings === undefined ? NONE : chosen(settings, (field) => fateOf(field, kind) === 'passed')
}

/** The first setting that an engine of this kind would have to take to serve the query, and does not. */
export function refusedSetting(kind: EngineKind, settings: Settings | undefined): string | undefined {
  return settings === undefined ? undefined : Object.keys(settings).find((field) => fateOf(field, kind) === 'refused')
}

/** The settings that may go to a peer. */
export function travelling(settings: Settings): Settings {
  return chosen(settings, mayTravel)
}

const NONE: Settings = {}

function chosen(settings: Settings, fits: (field: string) => boolean): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([field]) => fits(field)))
}
