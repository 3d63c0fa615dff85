/**
 * The engines that speak OpenAI's chat completions, and in what they differ: one row each. How they are told apart on
 * the network is in engine-fingerprints.ts; where they publish models and load is in openai-models.ts and
 * openai-load.ts.
 */
import type { EngineKind } from '../../core/model/engine-kind.ts'
import type { Model } from '../../core/model/model.ts'
import type { CancelMode } from '../adapter/engine.ts'
import type { JsonObject } from '../http/json-shape.ts'

/** Whose pages tell tokens. */
export type Tokenizer = 'llama' | 'vllm'

export interface OpenAiFlavour {
  /** Of a cloud: where it is when the owner names no address. */
  readonly usualUrl?: string
  readonly defaultSlots: number
  readonly cancelMode: CancelMode
  /** Fields beside the last assistant message that make the engine continue it; undefined when it cannot. */
  readonly prefill: JsonObject | undefined
  /** Fields that make the engine tell with each piece how many tokens it has written. */
  readonly countsTokens: JsonObject
  /** The path that answers cheaply when the engine lives. */
  readonly probePath: string
  /** The engine's word for the repetition penalty. */
  readonly repeatPenalty: string
  /** Whether reasoning is switched by the chat template's `enable_thinking`. */
  readonly templateThinking: boolean
  /** Least milliseconds between two looks while nothing is asked of it; undefined: the usual. */
  readonly idleLookMs: number | undefined
  /** Whether the engine closes the connection after a streamed answer, without a word in its head. */
  readonly closesAfterStream: boolean
  /** Whether the engine refuses to write more than its context holds, and without a limit writes until that is full. */
  readonly refusesHighLimit: boolean
  /** What the engine says nothing about. */
  readonly unsure: NonNullable<Model['unsure']>
  /** Whether the engine answers by any name with the one model that it has, and tells its true name. */
  readonly takesAnyName: boolean
  /** Whether the gap between two texts has a page of its own, llama.cpp's `/infill`. */
  readonly infillPage: boolean
  /** Whether the engine surely ends an answer before a stop word. */
  readonly keepsStops: boolean
  /** Whose pages tell tokens; undefined: none do. */
  readonly tokenizer: Tokenizer | undefined
  /** Whether earlier reasoning may be sent back as `reasoning_content`. */
  readonly takesReasoning: boolean
}

const plain: OpenAiFlavour = {
  defaultSlots: 1,
  cancelMode: 'disconnect',
  prefill: {},
  countsTokens: {},
  probePath: '/v1/models',
  repeatPenalty: 'repeat_penalty',
  templateThinking: false,
  idleLookMs: undefined,
  closesAfterStream: false,
  unsure: [],
  refusesHighLimit: false,
  takesAnyName: false,
  keepsStops: true,
  takesReasoning: false,
  infillPage: false,
  tokenizer: undefined,
}

const ROWS = {
  // A given start and thinking exclude each other there: the engine answers 400 otherwise.
  'llama-server': {
    ...plain,
    probePath: '/health',
    closesAfterStream: true,
    countsTokens: { timings_per_token: true },
    takesAnyName: true,
    templateThinking: true,
    takesReasoning: true,
    infillPage: true,
    tokenizer: 'llama',
    // Models without tokens for it refuse, and nothing in its lists tells.
    unsure: ['infill'],
    prefill: { chat_template_kwargs: { enable_thinking: false } },
  },
  // Batches continuously; above about 16 at once a home GPU only gets slower for everyone.
  vllm: {
    ...plain,
    defaultSlots: 16,
    // Without a parser for the model's calls it refuses them, and nothing in its lists tells; so with pictures.
    unsure: ['tools', 'vision'],
    refusesHighLimit: true,
    tokenizer: 'vllm',
    countsTokens: { stream_options: { include_usage: true, continuous_usage_stats: true } },
    probePath: '/health',
    repeatPenalty: 'repetition_penalty',
    templateThinking: true,
    takesReasoning: true,
    prefill: { continue_final_message: true, add_generation_prompt: false },
  },
  'lm-studio': plain,
  tgi: {
    ...plain,
    defaultSlots: 8,
    unsure: ['vision', 'logprobs'],
    probePath: '/health',
    repeatPenalty: 'repetition_penalty',
  },
  // Serial; a closed connection alone does not end the work, `/api/extra/abort` with our own key does.
  koboldcpp: {
    ...plain,
    unsure: ['vision'],
    cancelMode: 'interrupt',
    probePath: '/api/extra/version',
    repeatPenalty: 'rep_pen',
  },
  localai: { ...plain, prefill: undefined, unsure: ['tools', 'structured', 'vision', 'logprobs', 'raw'] },
  // It loads and leaves models as it is asked, and hears or speaks one query at a time on most cards.
  speaches: { ...plain, prefill: undefined, probePath: '/health' },
  kokoro: { ...plain, prefill: undefined, probePath: '/health' },
  // Cloud and unknown servers treat a last assistant message as history and answer anew, so an answer is never
  // continued there.
  huggingface: {
    ...plain,
    unsure: ['tools', 'structured', 'vision', 'logprobs'],
    usualUrl: 'https://router.huggingface.co/v1',
    defaultSlots: 4,
    prefill: undefined,
  },
  // It may be a proxy that asks others for its list of models.
  openai: {
    ...plain,
    defaultSlots: 4,
    prefill: undefined,
    keepsStops: false,
    idleLookMs: 30_000,
    unsure: ['tools', 'structured', 'vision', 'grammar', 'logprobs', 'raw', 'infill'],
  },
} as const satisfies Partial<Record<EngineKind, OpenAiFlavour>>

/** Kinds of engines that speak OpenAI's API. */
export type OpenAiKind = keyof typeof ROWS

export const OPENAI_FLAVOURS: Readonly<Record<OpenAiKind, OpenAiFlavour>> = ROWS
